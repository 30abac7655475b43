import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who took an interest in which product, what that adds up to in each hour, and how far ahead of others a product is by it. */
export class Trends1764101320000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE interests (
        product_id uuid NOT NULL,
        -- A user, or a number made of what tells clients without an account apart.
        person uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('view', 'wish', 'add', 'sale')),
        -- In which it was last.
        hour timestamptz NOT NULL,
        -- In which it counts; null until it does.
        counted_hour timestamptz,
        PRIMARY KEY (product_id, person, kind)
      )`);
    await runner.query('CREATE INDEX interests_person ON interests (person)');
    await runner.query('CREATE INDEX interests_hour ON interests (hour)');
    await runner.query('CREATE INDEX interests_uncounted ON interests (product_id) WHERE counted_hour IS DISTINCT FROM hour');
    await runner.query(`
      CREATE TABLE interest_hours (
        product_id uuid NOT NULL,
        hour timestamptz NOT NULL,
        weight integer NOT NULL,
        PRIMARY KEY (product_id, hour)
      ) WITH (fillfactor = 70)`);
    await runner.query('CREATE INDEX interest_hours_hour ON interest_hours (hour)');
    await runner.query(`
      CREATE TABLE trends (
        product_id uuid PRIMARY KEY,
        -- Logarithms of a sum in which each weight doubles with so many hours: their order stays right as time passes, and none grows too large.
        day_level float8,
        week_level float8
      ) WITH (fillfactor = 70)`);
    await runner.query('CREATE INDEX trends_day ON trends (day_level DESC, product_id) WHERE day_level IS NOT NULL');
    await runner.query('CREATE INDEX trends_week ON trends (week_level DESC, product_id) WHERE week_level IS NOT NULL');
    await runner.query('CREATE TABLE erased_people (user_id uuid PRIMARY KEY, erased_at timestamptz NOT NULL DEFAULT now())');
    await runner.query('CREATE INDEX erased_people_age ON erased_people (erased_at)');
    await runner.query(`
      CREATE TABLE bought_together (
        product_id uuid NOT NULL,
        other_id uuid NOT NULL,
        orders integer NOT NULL,
        last_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (product_id, other_id)
      )`);
    await runner.query('CREATE INDEX bought_together_age ON bought_together (last_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE bought_together, erased_people, trends, interest_hours, interests');
  }
}
