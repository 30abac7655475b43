import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Catalogues that come as CSV: their rows wait here, and whichever replica is free works them off. */
export class Imports1764102200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE imports (
        id uuid PRIMARY KEY,
        -- receiving: rows are still coming; running: they are worked off, or wait for that; done.
        state text NOT NULL DEFAULT 'receiving' CHECK (state IN ('receiving', 'running', 'done')),
        dry_run boolean NOT NULL,
        by_user uuid NOT NULL,
        columns text[] NOT NULL,
        rows integer NOT NULL DEFAULT 0,
        done integer NOT NULL DEFAULT 0 CHECK (done <= rows),
        created integer NOT NULL DEFAULT 0,
        changed integer NOT NULL DEFAULT 0,
        failed integer NOT NULL DEFAULT 0,
        leased_until timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query("CREATE INDEX imports_due ON imports (leased_until) WHERE state = 'running'");
    await runner.query('CREATE INDEX imports_age ON imports (created_at)');
    await runner.query(`
      CREATE TABLE import_rows (
        import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        number integer NOT NULL,
        cells text[] NOT NULL,
        PRIMARY KEY (import_id, number)
      )`);
    await runner.query(`
      CREATE TABLE import_errors (
        import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        number integer NOT NULL,
        message text NOT NULL,
        PRIMARY KEY (import_id, number)
      )`);
    await runner.query(`
      CREATE TABLE import_marks (
        import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
        -- The product or variant that a row was about, and for a product what it said of it: a later row may not say otherwise.
        mark text NOT NULL,
        number integer NOT NULL,
        said text NOT NULL,
        PRIMARY KEY (import_id, mark)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE import_marks, import_errors, import_rows, imports');
  }
}
