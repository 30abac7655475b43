import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who was told that a coupon is theirs, so that nobody is told again when it is switched off and on. Those who are named already count as
 * told. The version before adds coupons without it.
 */
export class ToldUsers1764300300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE coupons ADD COLUMN told_user_ids uuid[] NOT NULL DEFAULT '{}'`);
    await runner.query('UPDATE coupons SET told_user_ids = user_ids WHERE user_ids IS NOT NULL AND active AND NOT automatic');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE coupons DROP COLUMN told_user_ids');
  }
}
