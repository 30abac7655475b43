import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refunds that were made in Razorpay's dashboard count for the order too. */
export class RefundsAtRazorpay1764000500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE order_refunds DROP CONSTRAINT order_refunds_kind_check,
        ADD CONSTRAINT order_refunds_kind_check CHECK (kind IN ('cancel', 'return', 'origin', 'goodwill', 'dashboard'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE order_refunds SET kind = 'goodwill' WHERE kind = 'dashboard'`);
    await runner.query(`
      ALTER TABLE order_refunds DROP CONSTRAINT order_refunds_kind_check,
        ADD CONSTRAINT order_refunds_kind_check CHECK (kind IN ('cancel', 'return', 'origin', 'goodwill'))`);
  }
}
