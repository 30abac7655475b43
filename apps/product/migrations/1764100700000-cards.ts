import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inTransaction } from '#libs/persistence/migration-steps';

/** Products a transaction: each locks its rows for some ten milliseconds, so that sales beside it do not wait. */
const BATCH = 500;

/** A product's row names the variant that its card shows, and the picture of that variant. */
export class Cards1764100700000 implements MigrationInterface {
  /** Each batch is a transaction of its own; a run that was cut off goes on where it stopped. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products ADD COLUMN IF NOT EXISTS variant_id uuid, ADD COLUMN IF NOT EXISTS cover jsonb');
    for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
      const rows: { id: string }[] = await runner.query(
        'SELECT id FROM products WHERE id > $1 AND listed AND variant_id IS NULL ORDER BY id LIMIT $2',
        [last, BATCH],
      );
      const end = rows.at(-1);
      if (end === undefined) return;
      await fill(
        runner,
        rows.map(({ id }) => id),
      );
      last = end.id;
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE products DROP COLUMN variant_id, DROP COLUMN cover');
  }
}

async function fill(runner: QueryRunner, ids: readonly string[]): Promise<void> {
  await inTransaction(runner, async () => {
    // A statement of its own: an edit that comes between would else be read as it was before.
    await runner.query('SELECT 1 FROM products WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids]);
    await runner.query(
      `
      UPDATE products p SET variant_id = cheapest.id, mrp = cheapest.mrp, cover = cheapest.images -> 0
      FROM unnest($1::uuid[]) AS wanted (id)
      CROSS JOIN LATERAL (
        SELECT v.id, v.mrp, v.images FROM variants v JOIN stock s ON s.variant_id = v.id
        WHERE v.product_id = wanted.id AND v.withdrawn_at IS NULL
        ORDER BY v.price, (s.on_hand > s.reserved) DESC, v.mrp, v.id LIMIT 1) AS cheapest
      WHERE p.id = wanted.id`,
      [ids],
    );
  });
}
