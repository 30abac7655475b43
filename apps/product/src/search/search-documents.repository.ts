import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import { FoundProducts } from './found-products.ts';

/** Of D, C, B and A: description; attributes; brand, colours and category; name. */
const WEIGHTS = sql`'{0.02, 0.15, 0.5, 1}'::float4[]`;
/** Candidates that a suggestion chooses from: it has no time to look at all. */
const GLANCE = 300;

/** Documents by a `tsquery`. */
@Injectable()
export class SearchDocumentsRepository {
  constructor(private readonly database: Database) {}

  async find(query: string, ranking: string): Promise<FoundProducts> {
    const row = await this.database.row<{ found: Buffer | null }>(sql`
      SELECT string_agg(uuid_send(product_id) || int4send(score), ''::bytea ORDER BY score DESC, product_id DESC) AS found
      FROM (SELECT product_id, ${scoreBy(ranking)} AS score FROM search_documents WHERE words @@ ${query}::tsquery) AS fitting`);
    return row?.found == null ? FoundProducts.none : new FoundProducts(row.found);
  }

  /** The best few. */
  async best(query: string, ranking: string, count: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT product_id AS id FROM search_documents WHERE words @@ ${query}::tsquery
      ORDER BY ${scoreBy(ranking)} DESC, product_id DESC LIMIT ${count}`);
    return rows.map(({ id }) => id);
  }

  /** What sells best. */
  async popular(count: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT p.id FROM products p WHERE p.listed ORDER BY p.units_sold DESC, p.id DESC LIMIT ${count}`);
    return rows.map(({ id }) => id);
  }

  /** Popular ones among the first that are met. */
  names(query: string, ranking: string, count: number): Promise<{ id: string; name: string }[]> {
    return this.database.rows<{ id: string; name: string }>(sql`
      SELECT p.id, p.name
      FROM (SELECT product_id, words, popularity FROM search_documents WHERE words @@ ${query}::tsquery LIMIT ${GLANCE}) AS d
      JOIN products p ON p.id = d.product_id
      ORDER BY ${scoreBy(ranking)} DESC, p.id DESC LIMIT ${count}`);
  }
}

/** How well it fits, in thousandths; among equals the popular comes first. */
const scoreBy = (ranking: string): Sql => sql`(ts_rank(${WEIGHTS}, words, ${ranking}::tsquery) * 1000)::int * 32 + least(popularity, 31)`;
