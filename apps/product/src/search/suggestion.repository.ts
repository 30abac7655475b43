import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import { begins } from './search-words.repository.ts';
import type { KnownWord } from './spelling.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Candidates that are looked at for one that is shown, in case products were withdrawn since words were counted. */
const SPARE = 8;
/** A word that was in so many products is in some still: the count is an hour old at most. */
const FREQUENT = 1_000;
const isThere = (lexeme: Sql): Sql => sql`EXISTS (SELECT 1 FROM search_documents d WHERE d.words @@ quote_literal(${lexeme})::tsquery)`;

/** What begins like a query that is being typed. */
@Injectable()
export class SuggestionRepository {
  constructor(private readonly database: Database) {}

  /** Words of names, brands, colours and attributes that a listed product has; the frequent ones first. */
  words(start: string, count: number): Promise<KnownWord[]> {
    return this.database.rows<KnownWord>(sql`
      SELECT word, lexeme, sound, is_fact AS "isFact", products FROM (
        SELECT t.*, length(word) AS length FROM search_terms t
        WHERE ${begins(sql`t.word`, sql`${start}::text`)} AND is_fact AND products > 0
        ORDER BY products DESC, length, word LIMIT ${count * SPARE}) AS t
      WHERE products >= ${FREQUENT}::int OR ${isThere(sql`lexeme`)} ORDER BY products DESC, length, word LIMIT ${count}`);
  }

  /** Past queries that begin so and whose words are not gone from the catalogue; the frequent ones first. `lasting`: lexemes that stay without it. */
  async queries(start: string, count: number, lasting: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ query: string }>(sql`
      SELECT query FROM (
        SELECT query, times FROM search_queries q
        WHERE ${begins(sql`q.query`, sql`${start}::text`)} AND query <> ${start}::text AND times > 1
        ORDER BY times DESC, query LIMIT ${count * SPARE}) AS q
      WHERE NOT EXISTS (
        SELECT 1 FROM unnest(string_to_array(q.query, ' ')) AS part (word) JOIN search_terms t ON t.word = part.word
        WHERE t.products < ${FREQUENT}::int AND t.lexeme <> ALL(${lasting}::text[]) AND NOT ${isThere(sql`t.lexeme`)})
      ORDER BY times DESC, query LIMIT ${count}`);
    return rows.map(({ query }) => query);
  }

  /** Those with listed products in them, be it further below. `start`: of any of the name's words. */
  categories(start: string, count: number): Promise<Named[]> {
    return this.database.rows<Named>(sql`
      SELECT c.id, CASE WHEN parent.id IS NULL THEN c.name ELSE c.name || ' · ' || parent.name END AS name
      FROM categories c LEFT JOIN categories parent ON parent.id = c.path[1] AND parent.id <> c.id
      WHERE position(' ' || ${start}::text IN ' ' || translate(lower(c.name), '-', ' ')) > 0
        AND EXISTS (SELECT 1 FROM categories below JOIN products p ON p.category_id = below.id AND p.listed WHERE below.path @> ARRAY[c.id])
      ORDER BY cardinality(c.path), c.name, c.id LIMIT ${count}`);
  }

  async brands(start: string, count: number): Promise<string[]> {
    const rows = await this.database.rows<{ brand: string }>(sql`
      SELECT b.brand FROM search_brands b
      WHERE position(' ' || ${start}::text IN ' ' || b.name) > 0 AND EXISTS (SELECT 1 FROM products p WHERE lower(p.brand) = b.name AND p.listed)
      ORDER BY b.name LIMIT ${count}`);
    return rows.map(({ brand }) => brand);
  }
}
