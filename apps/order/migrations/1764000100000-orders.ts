import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Orders1764000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orders (
        id uuid PRIMARY KEY,
        number text NOT NULL UNIQUE,
        user_id uuid NOT NULL,
        status text NOT NULL,
        payment_status text NOT NULL,
        payment_method text NOT NULL,
        cart_version text,
        holds_cart boolean NOT NULL,
        subtotal bigint NOT NULL,
        discount bigint NOT NULL,
        coupon_code text,
        shipping_fee bigint NOT NULL,
        cod_fee bigint NOT NULL,
        cgst bigint NOT NULL,
        sgst bigint NOT NULL,
        igst bigint NOT NULL,
        total bigint NOT NULL,
        received bigint NOT NULL DEFAULT 0,
        refunded bigint NOT NULL DEFAULT 0,
        currency text NOT NULL,
        shipping_address jsonb NOT NULL,
        provider_order_id text,
        timeline jsonb NOT NULL,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK (total = subtotal - discount + shipping_fee + cod_fee),
        CHECK (refunded <= received)
      )`);
    // Two devices that order the same cart get one order; a version is free again once its order is cancelled, expired or refused.
    await runner.query(
      'CREATE UNIQUE INDEX one_order_per_cart_version ON orders (user_id, cart_version) WHERE holds_cart AND cart_version IS NOT NULL',
    );
    await runner.query('CREATE INDEX orders_of_user ON orders (user_id, id DESC)');
    await runner.query(`
      CREATE TABLE order_items (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES orders (id),
        position int NOT NULL,
        product_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        name text NOT NULL,
        sku text NOT NULL,
        size text NOT NULL,
        color text NOT NULL,
        hsn text,
        gst_rate int NOT NULL,
        unit_price bigint NOT NULL,
        quantity int NOT NULL CHECK (quantity > 0),
        cancelled_quantity int NOT NULL DEFAULT 0,
        returned_quantity int NOT NULL DEFAULT 0,
        discount bigint NOT NULL,
        tax bigint NOT NULL,
        total bigint NOT NULL,
        CHECK (total = unit_price * quantity - discount),
        CHECK (cancelled_quantity + returned_quantity <= quantity)
      )`);
    await runner.query('CREATE INDEX items_of_order ON order_items (order_id)');
    await runner.query(`
      CREATE TABLE checkouts (
        order_id uuid PRIMARY KEY REFERENCES orders (id),
        step text NOT NULL,
        due_at timestamptz,
        attempts int NOT NULL DEFAULT 0,
        refusal jsonb
      )`);
    await runner.query('CREATE INDEX checkouts_due ON checkouts (due_at) WHERE due_at IS NOT NULL');
    // The same money arrives as webhook, as order.paid and through verify; here it counts once.
    await runner.query(`
      CREATE TABLE order_captures (
        payment_id text PRIMARY KEY,
        order_id uuid NOT NULL,
        amount bigint NOT NULL,
        currency text NOT NULL,
        outcome text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE order_captures, checkouts, order_items, orders');
  }
}
