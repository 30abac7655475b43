import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { databaseOptions } from '#libs/persistence/database-options';
import { scratchDatabase } from '#libs/testing/scratch-database';
import { RefundsOfOrders1764300100000 } from '../migrations/1764300100000-refunds-of-orders.ts';
import { migrations } from '../migrations/payment.migrations.ts';

it('refunds of before count on their payments, failed ones aside, and the way back and forth again loses none', async () => {
  const before = migrations.slice(0, migrations.indexOf(RefundsOfOrders1764300100000));
  const scratch = await scratchDatabase(before);
  const source = new DataSource(
    databaseOptions({ url: scratch.url, entities: [], migrations: [], applicationName: 'migration', poolSize: 1 }),
  );
  await source.initialize();
  const runner = source.createQueryRunner();
  const migration = new RefundsOfOrders1764300100000();
  const counted = () => runner.query('SELECT given_back::int FROM payments');
  try {
    await runner.query(`
      INSERT INTO payment_orders (order_id, id, user_id, amount, currency) SELECT id, id, id, 1000, 'INR' FROM (SELECT gen_random_uuid() AS id) one`);
    await runner.query(`
      INSERT INTO payments (razorpay_payment_id, order_id, amount, currency, status, attempted_at)
      SELECT 'pay_1', order_id, 1000, 'INR', 'captured', now() FROM payment_orders`);
    await runner.query(`
      INSERT INTO refunds (id, order_id, payment_id, amount, reason, state)
      SELECT gen_random_uuid(), order_id, 'pay_1', old.amount, old.reason, old.state FROM payment_orders,
        (VALUES (100, 'made at Razorpay', 'processed'), (200, 'rejected', 'pending'), (400, 'rejected', 'failed')) AS old (amount, reason, state)`);
    await migration.up(runner);
    expect(await counted()).toEqual([{ given_back: 300 }]);
    expect(await runner.query(`SELECT origin FROM refunds ORDER BY amount`)).toEqual(
      ['dashboard', 'rejection', 'rejection'].map((origin) => ({ origin })),
    );
    await migration.down(runner);
    await migration.up(runner);
    expect(await counted()).toEqual([{ given_back: 300 }]);
  } finally {
    await runner.release();
    await source.destroy();
    await scratch.drop();
  }
});
