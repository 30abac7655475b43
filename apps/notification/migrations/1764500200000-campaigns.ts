import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Texts that admins edit, campaigns, and what the unsubscribe links of mails are signed with. */
export class Campaigns1764500200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE texts (
        key text NOT NULL,
        version int NOT NULL,
        locale text NOT NULL,
        channel text NOT NULL,
        subject text,
        text text NOT NULL,
        html text,
        dlt_template_id text,
        active boolean NOT NULL,
        built_in text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (key, version)
      )`);
    await runner.query('CREATE UNIQUE INDEX one_active_text ON texts (key, locale, channel) WHERE active');
    await runner.query(`
      CREATE TABLE campaigns (
        id uuid PRIMARY KEY,
        category text NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        data jsonb NOT NULL,
        channels text[] NOT NULL,
        user_ids uuid[],
        segment jsonb,
        status text NOT NULL,
        send_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        after_user uuid,
        is_expanded boolean NOT NULL DEFAULT false,
        recipients int NOT NULL,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      )`);
    await runner.query(`CREATE INDEX campaigns_due ON campaigns (due_at) WHERE status IN ('scheduled', 'running')`);
    await runner.query(`
      CREATE TABLE campaign_counts (
        campaign_id uuid NOT NULL,
        state text NOT NULL,
        reason text NOT NULL DEFAULT '',
        messages int NOT NULL,
        PRIMARY KEY (campaign_id, state, reason)
      )`);
    await runner.query(`CREATE TABLE link_keys (name text PRIMARY KEY, secret text NOT NULL)`);
    await runner.query('ALTER TABLE provider_messages RENAME COLUMN delivery_id TO notification_id');
    await runner.query('CREATE INDEX outgoing_of_notification ON outgoing (notification_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE provider_messages RENAME COLUMN notification_id TO delivery_id');
    await runner.query('DROP INDEX outgoing_of_notification');
    await runner.query('DROP TABLE texts, campaigns, campaign_counts, link_keys');
  }
}
