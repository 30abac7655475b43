import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { productApi } from '#libs/contracts/product/api';
import type { EditSynonyms, ListSynonyms, NewSynonyms, Synonyms, SynonymsPage } from '#libs/contracts/product/search';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from '../catalogue-changes.ts';
import { SynonymsRepository, type SynonymTexts } from './synonyms.repository.ts';

/** Synonyms, as staff keep them. Searches know of a change with its commit. */
@Injectable()
export class SynonymsHandlers {
  constructor(
    private readonly database: Database,
    private readonly rows: SynonymsRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  synonyms(query: ListSynonyms): Promise<SynonymsPage> {
    return this.rows.list(query);
  }

  async addSynonyms({ words, finds = null }: NewSynonyms, call: Call): Promise<Synonyms> {
    const texts = await this.checked({ words, finds });
    const id = uuidv7();
    return this.database.transaction((tx) => {
      const make = async (): Promise<Synonyms> => {
        await this.rows.insert(tx, id, texts);
        return this.announced(tx, call, 'synonyms.added', id);
      };
      return onceFor(tx, call, id, { make, read: (known) => this.read(tx, known) });
    });
  }

  async editSynonyms({ id, version, ...changes }: EditSynonyms, call: Call): Promise<Synonyms> {
    return this.database.transaction(async (tx) => {
      const before = await this.read(tx, id);
      if (version !== undefined && version !== before.version)
        throw productApi.refuse('product.synonyms_changed', 'The synonyms have been changed since they were read');
      const { words = before.words, finds = before.finds } = changes;
      await this.rows.update(tx, id, await this.checked({ words, finds }, tx));
      return this.announced(tx, call, 'synonyms.edited', id);
    });
  }

  async removeSynonyms({ id }: ById, call: Call): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await this.rows.remove(tx, id))) throw notFound();
      this.changes.announceAfter(tx, []);
      this.changes.record(tx, call, 'synonyms.removed', { synonymsId: id });
    });
  }

  private async announced(tx: Transaction, call: Call, event: string, id: string): Promise<Synonyms> {
    this.changes.announceAfter(tx, []);
    this.changes.record(tx, call, event, { synonymsId: id });
    return this.read(tx, id);
  }

  private async read(tx: Transaction, id: string): Promise<Synonyms> {
    const found = await this.rows.find(tx, id);
    if (found === undefined) throw notFound();
    return found;
  }

  /** Without blanks around them and without twins. */
  private async checked({ words, finds }: SynonymTexts, tx?: Transaction): Promise<SynonymTexts> {
    const texts = { words: different(words), finds: finds === null || finds.length === 0 ? null : different(finds) };
    if (texts.words.length < (texts.finds === null ? 2 : 1))
      throw invalid([{ path: 'words', message: texts.finds === null ? 'must name two different words at least' : 'must name a word' }]);
    const searchable = new Set(await this.rows.searchable([...texts.words, ...(texts.finds ?? [])], tx));
    const errors = [...unsearchable('words', texts.words, searchable), ...unsearchable('finds', texts.finds ?? [], searchable)];
    if (errors.length > 0) throw invalid(errors);
    return texts;
  }
}

const different = (texts: readonly string[]): string[] => [
  ...new Map(
    texts.map((text) => text.toWellFormed().replaceAll('\0', '').trim().replaceAll(/\s+/g, ' ')).map((text) => [text.toLowerCase(), text]),
  ).values(),
];

const unsearchable = (path: string, texts: readonly string[], searchable: ReadonlySet<string>): { path: string; message: string }[] =>
  texts.flatMap((text, index) => (searchable.has(text) ? [] : [{ path: `${path}.${index}`, message: 'must have one to three words' }]));
