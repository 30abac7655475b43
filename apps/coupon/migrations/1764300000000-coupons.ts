import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Coupons1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE coupons (
        id uuid PRIMARY KEY,
        code text NOT NULL UNIQUE,
        kind text NOT NULL CHECK (kind IN ('percent', 'fixed', 'free_shipping', 'buy_x_get_y')),
        value bigint NOT NULL CHECK (value >= 0),
        rules jsonb NOT NULL,
        user_ids uuid[],
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        usage_limit bigint,
        per_user_limit bigint,
        budget bigint,
        automatic boolean NOT NULL,
        stackable boolean NOT NULL,
        public boolean NOT NULL,
        active boolean NOT NULL,
        withdrawn_at timestamptz,
        uses bigint NOT NULL DEFAULT 0 CHECK (uses >= 0),
        spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
        bulk_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK (ends_at > starts_at)
      )`);
    await runner.query('CREATE INDEX coupons_automatic ON coupons (created_at, id) WHERE automatic AND withdrawn_at IS NULL');
    await runner.query('CREATE INDEX coupons_public ON coupons (id DESC) WHERE public AND withdrawn_at IS NULL');
    await runner.query('CREATE INDEX coupons_own ON coupons USING gin (user_ids) WHERE withdrawn_at IS NULL');
    await runner.query('CREATE INDEX coupons_of_bulk ON coupons (bulk_id, id) WHERE bulk_id IS NOT NULL');
    await runner.query(`
      CREATE TABLE coupon_users (
        coupon_id uuid NOT NULL REFERENCES coupons (id),
        user_id uuid NOT NULL,
        uses bigint NOT NULL CHECK (uses >= 0),
        PRIMARY KEY (coupon_id, user_id)
      )`);
    // What an order holds or has used. A released one without uses is the tombstone of an undo that came before what it undoes.
    await runner.query(`
      CREATE TABLE holds (
        order_id uuid PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        user_id uuid,
        state text NOT NULL CHECK (state IN ('held', 'redeemed', 'released', 'refused')),
        first_order boolean NOT NULL DEFAULT false,
        refusal jsonb,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX holds_overdue ON holds (expires_at) WHERE state = 'held'`);
    await runner.query(`CREATE UNIQUE INDEX one_first_order_each ON holds (user_id) WHERE first_order AND state IN ('held', 'redeemed')`);
    await runner.query(`
      CREATE TABLE hold_uses (
        order_id uuid NOT NULL REFERENCES holds (order_id),
        coupon_id uuid NOT NULL REFERENCES coupons (id),
        discount bigint NOT NULL CHECK (discount >= 0),
        PRIMARY KEY (coupon_id, order_id)
      )`);
    await runner.query('CREATE INDEX uses_of_order ON hold_uses (order_id)');
    await runner.query('CREATE TABLE customers (user_id uuid PRIMARY KEY, orders bigint NOT NULL DEFAULT 0)');
    await runner.query(`
      CREATE TABLE bulk_jobs (
        id uuid PRIMARY KEY,
        template jsonb NOT NULL,
        prefix text NOT NULL,
        count bigint NOT NULL CHECK (count > 0),
        done bigint NOT NULL DEFAULT 0 CHECK (done <= count),
        leased_until timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX bulk_jobs_running ON bulk_jobs (leased_until) WHERE done < count');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE bulk_jobs, customers, hold_uses, holds, coupon_users, coupons');
  }
}
