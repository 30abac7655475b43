import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { begins } from './search-words.repository.ts';
import type { KnownWord } from './spelling.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What begins like a query that is being typed. */
@Injectable()
export class SuggestionRepository {
  constructor(private readonly database: Database) {}

  /** Words of names, brands, colours and attributes; the frequent ones first. */
  words(start: string, count: number): Promise<KnownWord[]> {
    return this.database.rows<KnownWord>(sql`
      SELECT word, lexeme, sound, is_fact AS "isFact", products FROM search_terms t
      WHERE ${begins(sql`t.word`, sql`${start}::text`)} AND is_fact AND products > 0
      ORDER BY products DESC, length(word), word LIMIT ${count}`);
  }

  /** Past queries that begin so; the frequent ones first. */
  async queries(start: string, count: number): Promise<string[]> {
    const rows = await this.database.rows<{ query: string }>(sql`
      SELECT query FROM search_queries q WHERE ${begins(sql`q.query`, sql`${start}::text`)} AND query <> ${start}::text AND times > 1
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
