import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists, what is in them, and alerts. Writes of one user take turns at their row of `wishers`, so limits, positions and sums are exact; the
 * constraints are the net below.
 */
export class Wishlists1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE wishers (
        user_id uuid PRIMARY KEY,
        disabled boolean NOT NULL DEFAULT false,
        -- Of the account, as auth counts its changes.
        account_version bigint NOT NULL DEFAULT -1,
        erased_at timestamptz
      )`);
    await runner.query('CREATE INDEX wishers_erased ON wishers (erased_at) WHERE erased_at IS NOT NULL');

    await runner.query(`
      CREATE TABLE collections (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES wishers (user_id),
        name text NOT NULL,
        -- What must be unique: without letter case and outer blanks.
        name_key text NOT NULL,
        is_default boolean NOT NULL DEFAULT false,
        privacy text NOT NULL CHECK (privacy IN ('private', 'public', 'link')),
        share_token text CONSTRAINT collections_share_token UNIQUE,
        position smallint NOT NULL CONSTRAINT collections_are_at_most_50 CHECK (position BETWEEN 0 AND 49),
        item_count smallint NOT NULL DEFAULT 0 CONSTRAINT collections_hold_at_most_500 CHECK (item_count BETWEEN 0 AND 500),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT collections_have_a_token_while_shared CHECK ((privacy = 'link') = (share_token IS NOT NULL)),
        CONSTRAINT collections_name UNIQUE (user_id, name_key),
        CONSTRAINT collections_position UNIQUE (user_id, position) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT collections_owner UNIQUE (id, user_id)
      )`);
    await runner.query('CREATE UNIQUE INDEX collections_default ON collections (user_id) WHERE is_default');

    await runner.query(`
      CREATE TABLE entries (
        id uuid PRIMARY KEY,
        collection_id uuid NOT NULL,
        user_id uuid NOT NULL,
        product_id uuid NOT NULL,
        variant_id uuid,
        note text,
        -- Paise.
        added_price bigint NOT NULL,
        -- As last known: shown when it is withdrawn, or the catalogue is away.
        name text NOT NULL,
        slug text NOT NULL,
        image text,
        size text,
        color text,
        added_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT entries_once UNIQUE NULLS NOT DISTINCT (collection_id, product_id, variant_id),
        CONSTRAINT entries_collection FOREIGN KEY (collection_id, user_id) REFERENCES collections (id, user_id) ON DELETE CASCADE
      )`);
    await runner.query('CREATE INDEX entries_newest ON entries (collection_id, id)');
    await runner.query('CREATE INDEX entries_product ON entries (product_id, user_id)');

    await runner.query(`
      CREATE TABLE wish_counts (
        product_id uuid PRIMARY KEY,
        -- People who have it in a list.
        wishers integer NOT NULL CHECK (wishers >= 0)
      ) WITH (fillfactor = 70)`);
    for (const statement of COUNTING) await runner.query(statement);

    await runner.query(`
      CREATE TABLE cart_moves (
        entry_id uuid PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
        user_id uuid NOT NULL,
        variant_id uuid NOT NULL,
        quantity smallint NOT NULL CHECK (quantity BETWEEN 1 AND 20),
        -- Who asks the cart: a refusal ends the move only if nobody has asked since.
        callers integer NOT NULL DEFAULT 1,
        -- The idempotency key of the first of them.
        request jsonb,
        tries integer NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX cart_moves_due ON cart_moves (due_at)');

    await runner.query(`
      CREATE TABLE alerts (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES wishers (user_id),
        kind text NOT NULL CHECK (kind IN ('back_in_stock', 'price_drop')),
        product_id uuid NOT NULL,
        variant_id uuid,
        -- Paise.
        target_price bigint,
        status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'sent', 'ended')),
        sent_count integer NOT NULL DEFAULT 0,
        sent_at timestamptz,
        -- Versions of the product's price: the last that was above the target, the last at it or below, and the last that was told.
        above_version bigint NOT NULL DEFAULT 0,
        below_version bigint NOT NULL DEFAULT -1,
        told_version bigint NOT NULL DEFAULT -1,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        done_at timestamptz,
        CONSTRAINT alerts_fit_their_kind CHECK (
          CASE kind WHEN 'back_in_stock' THEN variant_id IS NOT NULL AND target_price IS NULL ELSE target_price IS NOT NULL END),
        CONSTRAINT alerts_are_done_or_wait CHECK ((status = 'waiting') = (done_at IS NULL))
      )`);
    await runner.query(
      "CREATE UNIQUE INDEX alerts_waiting_once ON alerts (user_id, kind, product_id, variant_id) NULLS NOT DISTINCT WHERE status = 'waiting'",
    );
    await runner.query(
      "CREATE INDEX alerts_queue ON alerts (variant_id, created_at, id) WHERE status = 'waiting' AND kind = 'back_in_stock'",
    );
    await runner.query("CREATE INDEX alerts_waiting ON alerts (product_id) WHERE status = 'waiting'");
    await runner.query('CREATE INDEX alerts_newest ON alerts (user_id, id)');
    await runner.query('CREATE INDEX alerts_done ON alerts (done_at) WHERE done_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE alerts, cart_moves, entries, wish_counts, collections, wishers');
    await runner.query('DROP FUNCTION entries_added(), entries_gone(), entries_moved(), count_change(uuid[], integer[])');
  }
}

/** Whatever adds, removes or moves entries, the sums follow in the same statement. Counts are locked in the order of ids. */
const COUNTING = [
  `CREATE FUNCTION count_change(changed uuid[], by_many integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO wish_counts AS counted (product_id, wishers)
    SELECT product_id, by_how_many FROM unnest(changed, by_many) AS change (product_id, by_how_many) ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE SET wishers = counted.wishers + excluded.wishers
  $$`,
  `CREATE FUNCTION entries_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE collections c SET item_count = c.item_count + n.added, updated_at = now()
      FROM (SELECT collection_id, count(*) AS added FROM made GROUP BY 1) AS n WHERE c.id = n.collection_id;
      PERFORM count_change(array_agg(product_id), array_agg(wishers)) FROM (
        SELECT product_id, count(*)::int AS wishers FROM (SELECT user_id, product_id, count(*) AS added FROM made GROUP BY 1, 2) AS n
        WHERE n.added = (SELECT count(*) FROM entries e WHERE e.product_id = n.product_id AND e.user_id = n.user_id) GROUP BY 1) AS sums;
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION entries_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE collections c SET item_count = c.item_count - n.gone, updated_at = now()
      FROM (SELECT collection_id, count(*) AS gone FROM removed GROUP BY 1) AS n WHERE c.id = n.collection_id;
      PERFORM 1 FROM wish_counts WHERE product_id IN (SELECT product_id FROM removed) ORDER BY product_id FOR NO KEY UPDATE;
      UPDATE wish_counts c SET wishers = c.wishers - n.gone
      FROM (
        SELECT product_id, count(DISTINCT user_id)::int AS gone FROM removed r
        WHERE NOT EXISTS (SELECT FROM entries e WHERE e.product_id = r.product_id AND e.user_id = r.user_id) GROUP BY 1) AS n
      WHERE c.product_id = n.product_id;
      RETURN NULL;
    END $$`,
  `CREATE FUNCTION entries_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE collections SET item_count = item_count + CASE id WHEN NEW.collection_id THEN 1 ELSE -1 END, updated_at = now()
      WHERE id IN (OLD.collection_id, NEW.collection_id);
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER entries_added AFTER INSERT ON entries
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION entries_added()`,
  `CREATE TRIGGER entries_gone AFTER DELETE ON entries
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION entries_gone()`,
  `CREATE TRIGGER entries_moved AFTER UPDATE OF collection_id ON entries FOR EACH ROW
    WHEN (OLD.collection_id <> NEW.collection_id) EXECUTE FUNCTION entries_moved()`,
];
