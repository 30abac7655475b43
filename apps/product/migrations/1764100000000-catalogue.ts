import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Categories, products, their variants, stock and what orders hold of it. */
export class Catalogue1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE categories (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        slug text NOT NULL CONSTRAINT categories_slug UNIQUE,
        parent_id uuid REFERENCES categories (id),
        -- From the root down to the category itself, so that a subtree and an ancestry are each one indexed read.
        path uuid[] NOT NULL,
        CONSTRAINT categories_path_ends_here CHECK (path[cardinality(path)] = id AND cardinality(path) <= 20)
      )`);
    await runner.query('CREATE INDEX categories_parent ON categories (parent_id)');
    await runner.query('CREATE INDEX categories_path ON categories USING gin (path)');

    await runner.query(`
      CREATE TABLE products (
        id uuid PRIMARY KEY,
        slug text NOT NULL CONSTRAINT products_slug UNIQUE,
        name text NOT NULL,
        description text NOT NULL,
        brand text NOT NULL,
        category_id uuid REFERENCES categories (id),
        images jsonb NOT NULL DEFAULT '[]',
        attributes jsonb NOT NULL DEFAULT '{}',
        hsn text,
        country_of_origin text,
        -- Of the cheapest live variant; kept up by whoever changes variants or stock, under the product's row lock.
        price bigint NOT NULL DEFAULT 0,
        mrp bigint NOT NULL DEFAULT 0,
        highest_price bigint NOT NULL DEFAULT 0,
        in_stock boolean NOT NULL DEFAULT false,
        -- Not withdrawn, and there is a variant to choose.
        listed boolean NOT NULL DEFAULT false,
        -- What of its live variants can be asked for: 'size:m', 'color:red', with a + where such a one is in stock; 'out' where none is.
        terms text[] NOT NULL DEFAULT '{}',
        rating_average numeric(3, 2) NOT NULL DEFAULT 0,
        rating_count integer NOT NULL DEFAULT 0,
        units_sold bigint NOT NULL DEFAULT 0,
        -- Milliseconds, as cursors carry them.
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        withdrawn_at timestamptz,
        CONSTRAINT products_have_a_category CHECK (category_id IS NOT NULL OR withdrawn_at IS NOT NULL)
      )`);
    await runner.query('CREATE INDEX products_newest ON products (created_at, id) WHERE listed');
    await runner.query('CREATE INDEX products_price ON products (price, id) WHERE listed');
    await runner.query('CREATE INDEX products_popular ON products (units_sold, id) WHERE listed');
    await runner.query('CREATE INDEX products_rating ON products (rating_average, id) WHERE listed');
    await runner.query('CREATE INDEX products_terms ON products USING gin (terms) WHERE listed');
    await runner.query("CREATE INDEX products_price_range ON products USING gist (int8range(price, highest_price, '[]')) WHERE listed");
    await runner.query('CREATE INDEX products_category ON products (category_id)');
    await runner.query('CREATE INDEX products_brand ON products (lower(brand)) WHERE listed');

    await runner.query(`
      CREATE TABLE variants (
        id uuid PRIMARY KEY,
        product_id uuid NOT NULL REFERENCES products (id),
        sku text NOT NULL CONSTRAINT variants_sku UNIQUE,
        size text NOT NULL,
        color text NOT NULL,
        price bigint NOT NULL CONSTRAINT variants_price_is_positive CHECK (price > 0),
        mrp bigint NOT NULL,
        images jsonb NOT NULL DEFAULT '[]',
        created_at timestamptz NOT NULL DEFAULT now(),
        withdrawn_at timestamptz,
        CONSTRAINT variants_price_within_mrp CHECK (price <= mrp)
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX variants_option ON variants (product_id, lower(size), lower(color)) WHERE withdrawn_at IS NULL',
    );

    await runner.query(`
      CREATE TABLE stock (
        variant_id uuid PRIMARY KEY REFERENCES variants (id),
        on_hand integer NOT NULL,
        reserved integer NOT NULL DEFAULT 0,
        -- The net under the conditional updates: what is held is there, whatever happens.
        CONSTRAINT stock_covers_reservations CHECK (reserved >= 0 AND reserved <= on_hand AND on_hand <= 1000000000)
      ) WITH (fillfactor = 70)`);
    await runner.query(`
      CREATE TABLE stock_movements (
        id uuid PRIMARY KEY,
        variant_id uuid NOT NULL REFERENCES variants (id),
        kind text NOT NULL CHECK (kind IN ('count', 'correction', 'sale')),
        change integer NOT NULL,
        on_hand integer NOT NULL,
        reason text,
        -- A user, or for a sale the order.
        caused_by uuid,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX stock_movements_variant ON stock_movements (variant_id, id)');

    await runner.query(`
      CREATE TABLE reservations (
        order_id uuid PRIMARY KEY,
        -- released: given back, or forbidden before it came; refused: short once, and final like released.
        state text NOT NULL CHECK (state IN ('held', 'committed', 'released', 'refused')),
        shortages jsonb NOT NULL DEFAULT '[]',
        expires_at timestamptz,
        counted boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query("CREATE INDEX reservations_expiry ON reservations (expires_at) WHERE state = 'held'");
    await runner.query("CREATE INDEX reservations_uncounted ON reservations (order_id) WHERE state = 'committed' AND NOT counted");
    await runner.query(`
      CREATE TABLE reservation_lines (
        order_id uuid NOT NULL REFERENCES reservations (order_id) ON DELETE CASCADE,
        variant_id uuid NOT NULL,
        quantity integer NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, variant_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE reservation_lines, reservations, stock_movements, stock, variants, products, categories');
  }
}
