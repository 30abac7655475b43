import { Injectable } from '@nestjs/common';
import { SearchKnowledgeRepository, type SynonymRow } from './search-knowledge.repository.ts';
import type { KnownWord } from './spelling.ts';
import { type Alternative, different, type Knowledge } from './understanding.ts';

/** Synonyms and the words of categories, remembered for as long as their version stands; each search reads that with its words. */
@Injectable()
export class SearchKnowledge {
  private kept: Knowledge | undefined;
  private loading: Promise<Knowledge> | undefined;

  constructor(private readonly rows: SearchKnowledgeRepository) {}

  async of(version: number): Promise<Knowledge> {
    if (this.kept !== undefined && this.kept.version >= version) return this.kept;
    // One that is on its way may have begun before that version was there.
    const loaded = await this.load();
    return loaded.version >= version ? loaded : this.load();
  }

  private load(): Promise<Knowledge> {
    this.loading ??= this.read().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async read(): Promise<Knowledge> {
    // Before the rest: what comes between is read again with the next version.
    const version = await this.rows.version();
    const [synonyms, categories] = await Promise.all([this.rows.synonyms(), this.rows.categories()]);
    const knowledge: Knowledge = {
      version,
      synonyms: alternativesOf(synonyms),
      words: singleWords(synonyms),
      categories: new Map(categories.map(({ lexeme, ids }) => [lexeme, ids])),
    };
    if (this.kept === undefined || this.kept.version <= knowledge.version) this.kept = knowledge;
    return knowledge;
  }
}

function alternativesOf(rows: readonly SynonymRow[]): Map<string, Alternative[]> {
  const alternatives = new Map<string, Alternative[]>();
  for (const group of Map.groupBy(rows, ({ id }) => id).values()) {
    const found = group.filter(({ isFound }) => isFound);
    const askers = group.filter(({ isFound }) => !isFound);
    const isWeaker = found.length > 0;
    const meant = (isWeaker ? found : askers).map(({ lexemes }): Alternative => ({ lexemes, isWeaker }));
    for (const asker of askers) {
      const key = asker.lexemes.join(' ');
      alternatives.set(key, different([...(alternatives.get(key) ?? []), ...meant]));
    }
  }
  return alternatives;
}

const singleWords = (rows: readonly SynonymRow[]): KnownWord[] =>
  rows.flatMap(({ words, lexemes, sounds, isFound }) => {
    const [word, lexeme, sound] = [words[0], lexemes[0], sounds[0]];
    if (isFound || words.length !== 1 || word === undefined || lexeme === undefined || sound === undefined) return [];
    return [{ word, lexeme, sound, isFact: true, products: 1 }];
  });
