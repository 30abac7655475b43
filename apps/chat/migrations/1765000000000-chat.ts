import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Chat1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE chat_users (
        user_id uuid PRIMARY KEY,
        read_receipts boolean NOT NULL DEFAULT true,
        delivery_receipts boolean NOT NULL DEFAULT true,
        presence boolean NOT NULL DEFAULT true,
        muted_until timestamptz,
        account_version bigint NOT NULL DEFAULT 0,
        erased_at timestamptz,
        erase_due_at timestamptz
      )`);
    await runner.query('CREATE INDEX chat_users_to_erase ON chat_users (erase_due_at) WHERE erase_due_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE threads (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('direct', 'support')),
        pair text UNIQUE,
        status text CHECK (status IN ('open', 'assigned', 'closed')),
        subject text,
        order_id uuid,
        customer_id uuid,
        assignee_id uuid,
        waiting_since timestamptz,
        closed_at timestamptz,
        last_sequence int NOT NULL DEFAULT 0 CHECK (last_sequence >= 0),
        revision int NOT NULL DEFAULT 0 CHECK (revision >= last_sequence),
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((kind = 'direct') = (pair IS NOT NULL)),
        CHECK ((kind = 'support') = (status IS NOT NULL AND subject IS NOT NULL AND customer_id IS NOT NULL)),
        CHECK ((status = 'assigned') IS NOT TRUE OR assignee_id IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX threads_opened ON threads (created_by, created_at) WHERE kind = 'direct'`);
    await runner.query(`CREATE INDEX threads_of_customer ON threads (customer_id, updated_at DESC, id) WHERE kind = 'support'`);
    await runner.query(`CREATE INDEX threads_of_order ON threads (order_id) WHERE order_id IS NOT NULL`);
    await runner.query(`CREATE INDEX threads_of_assignee ON threads (assignee_id, status) WHERE assignee_id IS NOT NULL`);
    await runner.query(`CREATE INDEX threads_active ON threads (updated_at DESC, id) WHERE kind = 'support'`);
    const WAITED = `(coalesce(waiting_since, 'infinity'::timestamptz))`;
    await runner.query(`CREATE INDEX threads_waiting ON threads (${WAITED}, id) WHERE kind = 'support'`);
    await runner.query(`CREATE INDEX threads_waiting_by_status ON threads (status, ${WAITED}, id) WHERE kind = 'support'`);
    await runner.query(`
      CREATE TABLE members (
        id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
        thread_id uuid NOT NULL REFERENCES threads (id),
        user_id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('customer', 'staff')),
        is_added boolean NOT NULL DEFAULT false,
        joined_at timestamptz NOT NULL DEFAULT now(),
        left_at timestamptz,
        delivered int NOT NULL DEFAULT 0,
        read int NOT NULL DEFAULT 0 CHECK (read <= delivered),
        unread int NOT NULL DEFAULT 0 CHECK (unread >= 0),
        unread_version bigint NOT NULL DEFAULT 0,
        active_at timestamptz NOT NULL DEFAULT now(),
        unread_since timestamptz,
        push_at timestamptz,
        pushed_sequence int,
        PRIMARY KEY (thread_id, user_id)
      )`);
    await runner.query('CREATE INDEX members_threads ON members (user_id, active_at DESC, thread_id) WHERE left_at IS NULL');
    await runner.query('CREATE INDEX members_unread ON members (user_id) INCLUDE (unread, unread_version)');
    await runner.query('CREATE INDEX members_to_push ON members (push_at) WHERE push_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE messages (
        id uuid PRIMARY KEY,
        thread_id uuid NOT NULL REFERENCES threads (id),
        sequence int NOT NULL CHECK (sequence > 0),
        revision int NOT NULL,
        type text NOT NULL CHECK (type IN ('text', 'image', 'product', 'order', 'system')),
        sender_id uuid,
        client_message_id text,
        sent_hash text,
        content text,
        move_at timestamptz,
        move_tries smallint NOT NULL DEFAULT 0,
        has_files boolean NOT NULL DEFAULT false,
        is_reported boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL,
        edited_at timestamptz,
        deleted_at timestamptz,
        UNIQUE (thread_id, sequence)
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX messages_once ON messages (thread_id, sender_id, client_message_id) WHERE sender_id IS NOT NULL',
    );
    await runner.query('CREATE INDEX messages_changed ON messages (thread_id, revision)');
    await runner.query('CREATE INDEX messages_of_sender ON messages (sender_id, created_at) WHERE sender_id IS NOT NULL');
    await runner.query('CREATE INDEX messages_to_move ON messages (move_at) WHERE move_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE message_versions (
        message_id uuid NOT NULL REFERENCES messages (id),
        revision int NOT NULL,
        content text NOT NULL,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL DEFAULT now(),
        changed_by uuid,
        PRIMARY KEY (message_id, revision)
      )`);
    await runner.query('CREATE INDEX message_versions_age ON message_versions (until)');
    await runner.query(`
      CREATE TABLE blocks (
        user_id uuid NOT NULL,
        blocked_id uuid NOT NULL CHECK (blocked_id <> user_id),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, blocked_id)
      )`);
    await runner.query('CREATE INDEX blocks_of_blocked ON blocks (blocked_id)');
    await runner.query(`
      CREATE TABLE reports (
        id uuid PRIMARY KEY,
        message_id uuid NOT NULL REFERENCES messages (id),
        reporter_id uuid,
        reason text NOT NULL CHECK (reason IN ('spam', 'abuse', 'fraud', 'other')),
        note text,
        content text NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
        resolution text CHECK (resolution IN ('dismissed', 'deleted', 'muted')),
        resolved_by uuid,
        resolved_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((status = 'resolved') = (resolution IS NOT NULL AND resolved_at IS NOT NULL)),
        UNIQUE (message_id, reporter_id)
      )`);
    await runner.query('CREATE INDEX reports_by_status ON reports (status, id DESC)');
    await runner.query('CREATE INDEX reports_of_reporter ON reports (reporter_id)');
    await runner.query('CREATE INDEX reports_age ON reports (resolved_at) WHERE resolved_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE canned_answers (
        id uuid PRIMARY KEY,
        shortcut text NOT NULL,
        title text NOT NULL,
        body text NOT NULL,
        locale text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (shortcut, locale)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['canned_answers', 'reports', 'blocks', 'message_versions', 'messages', 'members', 'threads', 'chat_users'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
