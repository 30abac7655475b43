import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which body a size fits, by category and brand. */
export class SizeCharts1764102100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE size_charts (
        id uuid PRIMARY KEY,
        category_id uuid NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
        -- Null: for every brand that has none of its own there.
        brand text,
        unit text NOT NULL CHECK (unit IN ('cm', 'in')),
        measures text[] NOT NULL,
        -- [{ size, values }], a value for each measure.
        sizes jsonb NOT NULL,
        note text,
        updated_at timestamptz(3) NOT NULL DEFAULT now()
      )`);
    await runner.query("CREATE UNIQUE INDEX size_charts_place ON size_charts (category_id, (coalesce(lower(brand), '')))");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE size_charts');
  }
}
