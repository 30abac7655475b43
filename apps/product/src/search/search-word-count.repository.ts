import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

/** Any number: replicas that count at once take turns. */
const COUNT_LOCK = 4_202_200_914;

@Injectable()
export class SearchWordCountRepository {
  constructor(private readonly database: Database) {}

  /**
   * Counts in how many documents each word is, unless that was done within the hour. A word that comes meanwhile counts once until the next time;
   * one that is in none stays with a 0, for a product that brings it back.
   *
   * Edits of categories and synonyms change the row that says when this was done last: it is written at the end, and not waited for, because an
   * edit of a category holds it while it waits for words. Where somebody holds it, the next round counts once more.
   */
  async count(): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      // A pool for requests would cut these statements off.
      await tx.execute(sql`SET LOCAL statement_timeout = '120s'`);
      await tx.execute(sql`SELECT pg_advisory_xact_lock(${COUNT_LOCK}::bigint)`);
      const due = await tx.row(sql`SELECT 1 FROM search_state WHERE counted_at IS NULL OR counted_at < now() - interval '1 hour'`);
      if (due === undefined) return false;
      await tx.execute(sql`
        WITH counted AS MATERIALIZED (
          SELECT known.word, coalesce(stat.ndoc, 0) AS products FROM search_terms known
          LEFT JOIN ts_stat('SELECT words FROM search_documents') AS stat ON stat.word = known.lexeme
        ), locked AS MATERIALIZED (
          -- In the order of words, as those do who bring new ones, so that nobody waits in a circle.
          SELECT t.word, counted.products FROM search_terms t JOIN counted ON counted.word = t.word
          WHERE t.products <> counted.products
            AND (counted.products > 0 OR NOT EXISTS (SELECT 1 FROM search_category_words c WHERE c.lexeme = t.lexeme))
          ORDER BY t.word FOR NO KEY UPDATE OF t
        )
        UPDATE search_terms t SET products = locked.products FROM locked WHERE t.word = locked.word`);
      await tx.execute(sql`
        UPDATE search_state SET counted_at = now() WHERE only_row IN (SELECT only_row FROM search_state FOR NO KEY UPDATE SKIP LOCKED)`);
      return true;
    });
  }
}
