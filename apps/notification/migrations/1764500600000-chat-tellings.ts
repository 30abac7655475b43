import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which notification told somebody of a chat thread, so that it is cleared once they read there. */
export class ChatTellings1764500600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE chat_tellings (
        user_id uuid NOT NULL,
        thread_id uuid NOT NULL,
        notification_id uuid,
        told_sequence int NOT NULL DEFAULT 0,
        read_sequence int NOT NULL DEFAULT 0,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, thread_id)
      )`);
    await runner.query('CREATE INDEX chat_tellings_age ON chat_tellings (changed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE chat_tellings');
  }
}
