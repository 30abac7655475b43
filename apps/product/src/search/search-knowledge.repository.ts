import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

/** A word or phrase of the synonyms. */
export interface SynonymRow {
  readonly id: string;
  readonly isFound: boolean;
  readonly words: string[];
  readonly lexemes: string[];
  readonly sounds: string[];
}

/** What searches know beside the catalogue's words. */
@Injectable()
export class SearchKnowledgeRepository {
  constructor(private readonly database: Database) {}

  async version(): Promise<number> {
    const row = await this.database.row<{ version: number }>(sql`SELECT version FROM search_state`);
    return row?.version ?? 0;
  }

  /** `isFound`: found by the others, and not the other way round. */
  synonyms(): Promise<SynonymRow[]> {
    return this.database.rows<SynonymRow>(sql`
      SELECT s.id, phrase.is_found AS "isFound", parts.words, parts.lexemes, parts.sounds
      FROM search_synonyms s
      CROSS JOIN LATERAL (
        SELECT unnest(s.words) AS text, false AS is_found UNION ALL SELECT unnest(s.finds), true) AS phrase
      CROSS JOIN LATERAL (
        SELECT array_agg(word ORDER BY place) AS words, array_agg(search_lexeme(word) ORDER BY place) AS lexemes,
          array_agg(search_sound(word) ORDER BY place) AS sounds
        FROM unnest(search_words(search_latin(phrase.text))) WITH ORDINALITY AS part (word, place)
        WHERE ts_lexize('pg_catalog.english_stem', word) IS DISTINCT FROM '{}') AS parts
      WHERE parts.words IS NOT NULL ORDER BY s.id`);
  }

  categories(): Promise<{ lexeme: string; ids: string[] }[]> {
    return this.database.rows<{ lexeme: string; ids: string[] }>(sql`
      SELECT named.lexeme, array_agg(DISTINCT below.id) AS ids
      FROM search_category_words named JOIN categories below ON below.path @> ARRAY[named.category_id] GROUP BY named.lexeme`);
  }
}
