import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import type { KnownWord } from './spelling.ts';
import type { AskedWord } from './understanding.ts';

/** Words of a query that count; the rest of a long one is left out. */
const MAX_WORDS = 10;
/** Words that are looked at for one that nobody knows. */
const MAX_ALIKE = 60;
const SHORTEST_PART = 3;

export interface ReadQuery {
  readonly words: readonly AskedWord[];
  /** Of the synonyms and categories. */
  readonly version: number;
}

export type Likeness = 'sound' | 'begin' | 'slip';

interface AlikeRow extends KnownWord {
  readonly place: number;
  readonly how: Likeness;
}

const KNOWN = sql`t.word, t.lexeme, t.sound, t.is_fact AS "isFact", t.products`;

/** The words of the catalogue, as its triggers keep them. */
@Injectable()
export class SearchWordsRepository {
  constructor(private readonly database: Database) {}

  async read(query: string): Promise<ReadQuery> {
    const rows = await this.database.rows<AskedWord & { version: number }>(sql`
      SELECT asked.word, stem.lexeme, search_sound(asked.word) AS sound,
        coalesce(ts_lexize('pg_catalog.english_stem', asked.word) = '{}', false) AS "isFiller",
        coalesce((SELECT max(t.products) FROM search_terms t WHERE t.lexeme = stem.lexeme), 0) AS products,
        (SELECT version FROM search_state) AS version
      FROM unnest(search_words(search_latin(${query}::text))) WITH ORDINALITY AS asked (word, place)
      CROSS JOIN LATERAL (SELECT search_lexeme(asked.word)) AS stem (lexeme)
      ORDER BY asked.place LIMIT ${MAX_WORDS * 2}`);
    return { words: rows.map(({ version: _, ...word }) => word), version: rows[0]?.version ?? 0 };
  }

  /** Words of the catalogue that sound alike, begin so, or differ by a slip or two. */
  async alike(words: readonly string[]): Promise<(KnownWord & { readonly place: number; readonly how: Likeness })[]> {
    const part = (how: Likeness, condition: Sql, limit: number): Sql => sql`
      (SELECT ${KNOWN}, ${how}::text AS how FROM search_terms t WHERE t.products > 0 AND ${condition} LIMIT ${limit})`;
    return this.database.rows<AlikeRow>(sql`
      SELECT asked.place::int - 1 AS place, alike.word, alike.lexeme, alike.sound, alike."isFact", alike.products, alike.how
      FROM unnest(${words}::text[]) WITH ORDINALITY AS asked (word, place)
      CROSS JOIN LATERAL (
        ${part('sound', sql`t.sound = search_sound(asked.word)`, MAX_ALIKE)} UNION ALL
        ${part('begin', sql`${begins(sql`t.word`, sql`asked.word`)} AND t.is_fact`, MAX_ALIKE)} UNION ALL
        ${part('slip', sql`t.slips && search_slips(asked.word)`, MAX_ALIKE)}) AS alike`);
  }

  /** Words of the catalogue that share many of their letters in threes: more slips than one. */
  async distantlyAlike(words: readonly string[]): Promise<(KnownWord & { readonly place: number })[]> {
    return this.database.rows<KnownWord & { place: number }>(sql`
      SELECT asked.place::int - 1 AS place, alike.*
      FROM unnest(${words}::text[]) WITH ORDINALITY AS asked (word, place)
      CROSS JOIN LATERAL (
        SELECT ${KNOWN} FROM search_terms t WHERE t.word % asked.word AND t.products > 0
        ORDER BY t.word <-> asked.word LIMIT ${MAX_ALIKE}) AS alike`);
  }

  /** Two words written as one, which the catalogue knows apart; the more frequent pair. */
  apart(word: string): Promise<{ left: string; right: string } | undefined> {
    return this.database.row<{ left: string; right: string }>(sql`
      SELECT l.word AS left, r.word AS right
      FROM generate_series(${SHORTEST_PART}::int, length(${word}::text) - ${SHORTEST_PART}::int) AS at (place)
      JOIN search_terms l ON l.word = left(${word}::text, at.place) AND l.is_fact AND l.products > 0
      JOIN search_terms r ON r.word = substr(${word}::text, at.place + 1) AND r.is_fact AND r.products > 0
      ORDER BY least(l.products, r.products) DESC, at.place LIMIT 1`);
  }

  /** Those of the words that the catalogue knows. */
  async known(words: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ word: string }>(sql`
      SELECT word FROM search_terms WHERE word = ANY(${words}::text[]) AND products > 0`);
    return rows.map(({ word }) => word);
  }
}

/** By the index on `text_pattern_ops`. Words have no character beyond the last. */
export const begins = (column: Sql, start: Sql): Sql => sql`${column} ~>=~ ${start} AND ${column} ~<~ (${start} || chr(1114111))`;
