import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `next_check_at`, `attach_at`, `next_try_at`: when a background round takes the row up; whoever takes it moves the time on, so replicas share the work. */
export class Payments1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_orders (
        order_id uuid PRIMARY KEY,
        id uuid NOT NULL UNIQUE,
        user_id uuid NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        razorpay_order_id text UNIQUE,
        state text NOT NULL DEFAULT 'created' CHECK (state IN ('created', 'attempted', 'paid')),
        creating_until timestamptz,
        creations int NOT NULL DEFAULT 1,
        checks int NOT NULL DEFAULT 0,
        next_check_at timestamptz,
        attach_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX payment_orders_check ON payment_orders (next_check_at) WHERE next_check_at IS NOT NULL');
    await runner.query('CREATE INDEX payment_orders_attach ON payment_orders (attach_at) WHERE attach_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE payments (
        razorpay_payment_id text PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES payment_orders,
        amount bigint NOT NULL,
        currency text NOT NULL,
        method text,
        status text NOT NULL CHECK (status IN ('created', 'failed', 'authorized', 'captured', 'refunded')),
        attempted_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX payments_order ON payments (order_id)');
    await runner.query(`
      CREATE TABLE payment_effects (
        payment_id text NOT NULL,
        effect text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (payment_id, effect)
      )`);
    await runner.query(`
      CREATE TABLE refunds (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES payment_orders,
        payment_id text NOT NULL REFERENCES payments,
        amount bigint NOT NULL CHECK (amount > 0),
        reason text NOT NULL,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'processed', 'failed')),
        razorpay_refund_id text UNIQUE,
        tries int NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL DEFAULT now(),
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX refunds_order ON refunds (order_id)');
    await runner.query(`CREATE INDEX refunds_due ON refunds (next_try_at) WHERE state = 'pending'`);
    await runner.query(`
      CREATE TABLE disputes (
        id text PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES payment_orders,
        payment_id text NOT NULL REFERENCES payments,
        amount bigint NOT NULL,
        status text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX disputes_order ON disputes (order_id)');
    await runner.query(`
      CREATE TABLE webhook_events (
        id text PRIMARY KEY,
        body bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        processed_at timestamptz,
        event text,
        outcome text,
        tries int NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL DEFAULT now() + interval '10 seconds'
      )`);
    await runner.query('CREATE INDEX webhook_events_waiting ON webhook_events (next_try_at) WHERE processed_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE webhook_events, disputes, refunds, payment_effects, payments, payment_orders');
  }
}
