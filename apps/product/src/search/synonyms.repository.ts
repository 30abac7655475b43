import { Injectable } from '@nestjs/common';
import type { ListSynonyms, Synonyms, SynonymsPage } from '#libs/contracts/product/search';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export type SynonymTexts = Pick<Synonyms, 'words' | 'finds'>;

const COLUMNS = sql`id, words, finds, version, updated_at AS "updatedAt"`;
type Row = Omit<Synonyms, 'updatedAt'> & { readonly updatedAt: Date };
const synonymsOf = ({ updatedAt, ...row }: Row): Synonyms => ({ ...row, updatedAt: updatedAt.toISOString() });

/** Words that searches take for each other, as staff keep them. */
@Injectable()
export class SynonymsRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** The newest first. */
  async list({ q, limit, cursor }: ListSynonyms): Promise<SynonymsPage> {
    const list = JSON.stringify(['synonyms', q]);
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    const rows = await this.database.rows<Row>(sql`
      SELECT ${COLUMNS} FROM search_synonyms
      WHERE true
        ${when(q !== undefined, () => sql`AND position(lower(${q}::text) IN lower(array_to_string(words || coalesce(finds, '{}'), ' '))) > 0`)}
        ${when(after !== undefined, () => sql`AND id < ${after?.[0]}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    const page = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
    return { ...page, items: page.items.map(synonymsOf) };
  }

  /** Locked until the transaction ends. */
  async find(tx: Transaction, id: string): Promise<Synonyms | undefined> {
    const row = await tx.row<Row>(sql`SELECT ${COLUMNS} FROM search_synonyms WHERE id = ${id} FOR UPDATE`);
    return row && synonymsOf(row);
  }

  async insert(tx: Transaction, id: string, { words, finds }: SynonymTexts): Promise<void> {
    await tx.execute(sql`INSERT INTO search_synonyms (id, words, finds) VALUES (${id}, ${words}::text[], ${finds}::text[])`);
    await this.nextVersion(tx);
  }

  async update(tx: Transaction, id: string, { words, finds }: SynonymTexts): Promise<void> {
    await tx.execute(sql`
      UPDATE search_synonyms SET words = ${words}::text[], finds = ${finds}::text[], version = version + 1, updated_at = now()
      WHERE id = ${id}`);
    await this.nextVersion(tx);
  }

  async remove(tx: Transaction, id: string): Promise<boolean> {
    const removed = await tx.execute(sql`DELETE FROM search_synonyms WHERE id = ${id}`);
    await this.nextVersion(tx);
    return removed === 1;
  }

  /** Those of the texts that have a word that can be searched for, in their order. */
  async searchable(texts: readonly string[], queries: Queries = this.database): Promise<string[]> {
    const rows = await queries.rows<{ text: string }>(sql`
      SELECT text FROM unnest(${texts}::text[]) WITH ORDINALITY AS given (text, place)
      WHERE cardinality(search_words(search_latin(text))) BETWEEN 1 AND 3 ORDER BY place`);
    return rows.map(({ text }) => text);
  }

  /** What replicas remember of the synonyms is over with the commit. */
  private async nextVersion(tx: Transaction): Promise<void> {
    await tx.execute(sql`UPDATE search_state SET version = version + 1`);
  }
}
