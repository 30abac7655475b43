import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the rejected captures by their age, few as they are. One pass over a narrow table, so writers wait for it a moment. */
export class RejectedCaptures1764000990000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX order_captures_rejected ON order_captures (created_at) WHERE outcome <> 'taken'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX order_captures_rejected');
  }
}
