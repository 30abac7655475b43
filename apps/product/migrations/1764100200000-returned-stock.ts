import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Units of a sale come back to the shelf, and never more of them than were sold. */
export class ReturnedStock1764100200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE reservation_lines ADD COLUMN returned integer NOT NULL DEFAULT 0');
    // Every row that is there satisfies both constraints, so neither table is read through while sales wait for its lock.
    await runner.query(
      'ALTER TABLE reservation_lines ADD CONSTRAINT reservation_lines_return_what_was_sold CHECK (returned BETWEEN 0 AND quantity) NOT VALID',
    );
    await runner.query('ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_kind_check');
    await runner.query(
      "ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_kind_check CHECK (kind IN ('count', 'correction', 'sale', 'return')) NOT VALID",
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_kind_check');
    await runner.query(
      "ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_kind_check CHECK (kind IN ('count', 'correction', 'sale')) NOT VALID",
    );
    await runner.query('ALTER TABLE reservation_lines DROP COLUMN returned');
  }
}
