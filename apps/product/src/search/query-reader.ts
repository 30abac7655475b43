import { Injectable } from '@nestjs/common';
import { SearchKnowledge } from './search-knowledge.ts';
import { type Likeness, SearchWordsRepository } from './search-words.repository.ts';
import { type KnownWord, meantBy } from './spelling.ts';
import { type AskedWord, isKnown, type Knowledge, meaningful, type Unit, unitsOf } from './understanding.ts';

export interface QueryMeaning {
  readonly words: readonly AskedWord[];
  readonly units: readonly Unit[];
  readonly knowledge: Knowledge;
  /** With the words that are meant in place of those that nobody knows; null where there are none. */
  readonly correctedTo: string | null;
}

/** Words that are meant by another, and whether that was a mistake: the beginning of a word is none. */
interface Meant {
  readonly words: readonly KnownWord[];
  readonly isCorrection: boolean;
}

const MAX_WORDS = 10;
const MAX_BEGUN = 8;
/** Shorter beginnings say too little. */
const SHORTEST_BEGINNING = 3;
const SHORTEST_COMPOUND = 6;

/** Reads a query: its words, what they stand for, and what was meant where a word is unknown. */
@Injectable()
export class QueryReader {
  constructor(
    private readonly rows: SearchWordsRepository,
    private readonly known: SearchKnowledge,
  ) {}

  async read(query: string): Promise<QueryMeaning> {
    const { words, knowledge } = await this.wordsOf(query);
    const unknown = words.filter((word) => !isKnown(word, knowledge));
    if (unknown.length === 0) return { words, knowledge, units: unitsOf(words, knowledge), correctedTo: null };
    const rewritten = await this.rewritten(words, unknown);
    if (rewritten === undefined) return this.spelled(words, knowledge, unknown);
    const again = await this.wordsOf(rewritten);
    const still = again.words.filter((word) => !isKnown(word, again.knowledge));
    const meaning = await this.spelled(again.words, again.knowledge, still);
    return { ...meaning, correctedTo: meaning.correctedTo ?? rewritten };
  }

  /** The same with the rarest of its words taken for a mistake; undefined where nothing is like it. */
  async respelled({ words, knowledge, correctedTo }: QueryMeaning): Promise<QueryMeaning | undefined> {
    if (correctedTo !== null) return undefined;
    const rarest = words.toSorted((one, other) => one.products - other.products)[0];
    if (rarest === undefined || words.length < 2) return undefined;
    const alike = (await this.rows.alike([rarest.word])).filter(({ how, lexeme }) => how !== 'begin' && lexeme !== rarest.lexeme);
    const meant = meantBy(rarest, alike);
    if (meant.length === 0) return undefined;
    return meaningOf(words, knowledge, new Map([[words.indexOf(rarest), { words: meant, isCorrection: true }]]));
  }

  private async wordsOf(query: string): Promise<{ words: readonly AskedWord[]; knowledge: Knowledge }> {
    const { words, version } = await this.rows.read(query);
    return { words: meaningful(words).slice(0, MAX_WORDS), knowledge: await this.known.of(version) };
  }

  private async spelled(words: readonly AskedWord[], knowledge: Knowledge, unknown: readonly AskedWord[]): Promise<QueryMeaning> {
    if (unknown.length === 0) return meaningOf(words, knowledge, new Map());
    const asked = unknown.map(({ word }) => word);
    const alike = Map.groupBy(await this.rows.alike(asked), ({ place }) => place);
    const meant = new Map<number, Meant>();
    const left: AskedWord[] = [];
    for (const [place, word] of unknown.entries()) {
      const found = meantAmong(word, alike.get(place) ?? [], knowledge);
      if (found === undefined) left.push(word);
      else meant.set(words.indexOf(word), found);
    }
    if (left.length > 0) {
      const distant = Map.groupBy(await this.rows.distantlyAlike(left.map(({ word }) => word)), ({ place }) => place);
      for (const [place, word] of left.entries()) {
        const found = meantBy(word, distant.get(place) ?? []);
        if (found.length > 0) meant.set(words.indexOf(word), { words: found, isCorrection: true });
      }
    }
    return meaningOf(words, knowledge, meant);
  }

  /** Where two words should be one, or one should be two. */
  private async rewritten(words: readonly AskedWord[], unknown: readonly AskedWord[]): Promise<string | undefined> {
    const texts = words.map(({ word }) => word);
    const pairs = texts.slice(1).map((text, index) => `${texts[index]}${text}`);
    const joined = pairs.length === 0 ? [] : await this.rows.known(pairs);
    const at = pairs.findIndex(
      (pair, index) => joined.includes(pair) && (isAmong(words[index], unknown) || isAmong(words[index + 1], unknown)),
    );
    if (at >= 0) return texts.toSpliced(at, 2, pairs[at] as string).join(' ');
    for (const { word } of unknown) {
      if (word.length < SHORTEST_COMPOUND) continue;
      const parts = await this.rows.apart(word);
      if (parts !== undefined) return texts.map((text) => (text === word ? `${parts.left} ${parts.right}` : text)).join(' ');
    }
    return undefined;
  }
}

const isAmong = (word: AskedWord | undefined, words: readonly AskedWord[]): boolean => word !== undefined && words.includes(word);

/** What sounds alike before what begins so, before what differs by a slip. */
function meantAmong(asked: AskedWord, alike: readonly (KnownWord & { readonly how: Likeness })[], { words }: Knowledge): Meant | undefined {
  const near = meantBy(asked, [...alike.filter(({ how }) => how !== 'begin'), ...words]);
  if (near[0]?.sound === asked.sound) return { words: near, isCorrection: true };
  const begun = alike
    .filter(({ how }) => how === 'begin')
    .toSorted((one, other) => other.products - one.products)
    .slice(0, MAX_BEGUN);
  if (begun.length > 0 && asked.word.length >= SHORTEST_BEGINNING) return { words: begun, isCorrection: false };
  return near.length > 0 ? { words: near, isCorrection: true } : undefined;
}

function meaningOf(words: readonly AskedWord[], knowledge: Knowledge, meant: ReadonlyMap<number, Meant>): QueryMeaning {
  const instead = new Map([...meant].map(([place, { words: known }]) => [place, known]));
  const isCorrected = [...meant.values()].some(({ isCorrection }) => isCorrection);
  const text = words
    .map(({ word }, place) => (meant.get(place)?.isCorrection === true ? (instead.get(place)?.[0]?.word ?? word) : word))
    .join(' ');
  return { words, knowledge, units: unitsOf(words, knowledge, instead), correctedTo: isCorrected ? text : null };
}
