import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notifications1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A row for each message that is to leave, until it is filed in the store of deliveries.
    await runner.query(`
      CREATE TABLE outgoing (
        id uuid PRIMARY KEY,
        notification_id uuid NOT NULL,
        campaign_id uuid,
        user_id uuid,
        template text,
        category text NOT NULL,
        channel text NOT NULL,
        lane text NOT NULL,
        title text,
        body text,
        variables jsonb NOT NULL DEFAULT '{}',
        data jsonb NOT NULL DEFAULT '{}',
        count int NOT NULL DEFAULT 1,
        address text,
        sealed text,
        state text NOT NULL DEFAULT 'queued',
        reason text,
        due_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        tries int NOT NULL DEFAULT 0,
        attempts jsonb NOT NULL DEFAULT '[]',
        sent_to text NOT NULL DEFAULT '',
        version int,
        locale text NOT NULL DEFAULT 'en',
        provider_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`CREATE INDEX outgoing_due ON outgoing (lane, channel, due_at) WHERE state IN ('queued', 'waiting')`);
    await runner.query(`CREATE INDEX outgoing_cut_off ON outgoing (due_at) WHERE state = 'sending'`);
    await runner.query(`CREATE INDEX outgoing_done ON outgoing (due_at) WHERE state NOT IN ('queued', 'waiting', 'sending')`);
    await runner.query('CREATE INDEX outgoing_of_user ON outgoing (user_id, id DESC)');
    await runner.query('CREATE INDEX outgoing_of_campaign ON outgoing (campaign_id, id DESC) WHERE campaign_id IS NOT NULL');
    await runner.query(`
      CREATE TABLE unread_versions (
        user_id uuid PRIMARY KEY,
        version bigint NOT NULL
      )`);
    // What follows grows without end, and may stand in Cassandra instead.
    await runner.query(`
      CREATE TABLE notifications (
        user_id uuid NOT NULL,
        id uuid NOT NULL,
        category text NOT NULL,
        template text,
        title text NOT NULL,
        body text NOT NULL,
        data jsonb NOT NULL,
        count int NOT NULL DEFAULT 1,
        read_at timestamptz,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, id)
      )`);
    await runner.query('CREATE INDEX notifications_unread ON notifications (user_id, id) WHERE read_at IS NULL');
    await runner.query('CREATE INDEX notifications_end ON notifications (expires_at)');
    await runner.query(`
      CREATE TABLE deliveries (
        id uuid PRIMARY KEY,
        notification_id uuid NOT NULL,
        campaign_id uuid,
        user_id uuid,
        order_id uuid,
        template text,
        version int,
        locale text NOT NULL,
        channel text NOT NULL,
        sent_to text NOT NULL,
        state text NOT NULL,
        reason text,
        attempts jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX deliveries_of_user ON deliveries (user_id, id DESC)');
    await runner.query('CREATE INDEX deliveries_of_notification ON deliveries (notification_id, id DESC)');
    await runner.query('CREATE INDEX deliveries_of_campaign ON deliveries (campaign_id, id DESC) WHERE campaign_id IS NOT NULL');
    await runner.query('CREATE INDEX deliveries_of_order ON deliveries (order_id, id DESC) WHERE order_id IS NOT NULL');
    await runner.query('CREATE INDEX deliveries_age ON deliveries (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outgoing, unread_versions, notifications, deliveries');
  }
}
