import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log refuses changes aloud, where a rule dropped them in silence. Only the owner of the table, whom migrations run as, can erase what
 * the law wants erased, and has to say so: `SET LOCAL only2u.erasing = 'on'`. A service that runs as another login can add, and let go of what
 * is older than 400 days by the function.
 */
export class AuditRights1764000700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP RULE audit_log_keeps ON audit_log');
    await runner.query('DROP RULE audit_log_stays ON audit_log');
    await runner.query(`
      CREATE FUNCTION refuse_audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE'
          AND current_setting('only2u.erasing', true) = 'on'
          AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
        THEN
          RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit_log takes inserts only' USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await runner.query(`
      CREATE TRIGGER audit_log_takes_inserts BEFORE UPDATE OR DELETE ON audit_log
      FOR EACH ROW EXECUTE FUNCTION refuse_audit_changes()`);
    await runner.query(`
      CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_changes()`);
    await runner.query('CREATE INDEX audit_log_at ON audit_log (at)');
    await runner.query(`
      CREATE FUNCTION forget_old_audit(batch int) RETURNS SETOF uuid
      LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
      BEGIN
        PERFORM set_config('only2u.erasing', 'on', true);
        RETURN QUERY
          DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < now() - interval '400 days' ORDER BY at LIMIT batch)
          RETURNING id;
        PERFORM set_config('only2u.erasing', '', true);
      END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION forget_old_audit');
    await runner.query('DROP INDEX audit_log_at');
    await runner.query('DROP TRIGGER audit_log_is_not_emptied ON audit_log');
    await runner.query('DROP TRIGGER audit_log_takes_inserts ON audit_log');
    await runner.query('DROP FUNCTION refuse_audit_changes');
    await runner.query('CREATE RULE audit_log_keeps AS ON UPDATE TO audit_log DO INSTEAD NOTHING');
    await runner.query('CREATE RULE audit_log_stays AS ON DELETE TO audit_log DO INSTEAD NOTHING');
  }
}
