import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Feedback1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE feedback (
        id uuid PRIMARY KEY,
        user_id uuid,
        category text NOT NULL CHECK (category IN ('bug', 'feature', 'complaint', 'praise', 'other')),
        subject text NOT NULL,
        message text NOT NULL,
        text_hash text NOT NULL,
        rating smallint CHECK (rating BETWEEN 1 AND 5),
        image_ids uuid[] NOT NULL,
        order_id uuid,
        product_id uuid,
        app_version text,
        context jsonb NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_review', 'planned', 'resolved', 'rejected', 'closed')),
        moves int NOT NULL DEFAULT 1,
        votes int NOT NULL DEFAULT 1 CHECK (votes >= 0),
        words text[] NOT NULL,
        public_title text,
        title_words text[],
        priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
        assignee_id uuid,
        tags text[] NOT NULL DEFAULT '{}',
        held boolean NOT NULL,
        holds text[] NOT NULL,
        merged_into uuid REFERENCES feedback (id),
        merged_moves int,
        due_at timestamptz NOT NULL,
        first_response_at timestamptz,
        escalated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        staff_updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK (merged_into <> id)
      )`);
    await runner.query('CREATE INDEX feedback_own ON feedback (user_id, id DESC)');
    await runner.query('CREATE INDEX feedback_recent ON feedback (user_id, created_at, text_hash)');
    await runner.query('CREATE INDEX feedback_merged ON feedback (merged_into, id) WHERE merged_into IS NOT NULL');
    await runner.query('CREATE INDEX feedback_held ON feedback (id) WHERE held');
    await runner.query('CREATE INDEX feedback_overdue ON feedback (due_at) WHERE first_response_at IS NULL AND escalated_at IS NULL');
    // Beginning with what is asked for, in the order of the page; statuses and categories are counted from the second.
    const QUEUE = 'WHERE NOT held AND merged_into IS NULL';
    await runner.query(`CREATE INDEX feedback_queue ON feedback (id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_by_status ON feedback (status, category, id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_by_category ON feedback (category, id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_by_assignee ON feedback (assignee_id, id)`);
    await runner.query(`CREATE INDEX feedback_by_priority ON feedback (priority, id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_by_product ON feedback (product_id, id) WHERE product_id IS NOT NULL`);
    await runner.query(`CREATE INDEX feedback_by_due ON feedback (due_at, id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_by_votes ON feedback (votes, id) ${QUEUE}`);
    await runner.query(`CREATE INDEX feedback_age ON feedback (created_at)`);
    await runner.query('CREATE INDEX feedback_words ON feedback USING gin (words)');
    await runner.query('CREATE INDEX feedback_tags ON feedback USING gin (tags)');
    await runner.query('CREATE INDEX feedback_title_words ON feedback USING gin (title_words) WHERE title_words IS NOT NULL');
    await runner.query(`
      CREATE TABLE feedback_moves (
        feedback_id uuid NOT NULL REFERENCES feedback (id),
        number int NOT NULL,
        status text NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (feedback_id, number)
      )`);
    await runner.query(`
      CREATE TABLE feedback_replies (
        id uuid PRIMARY KEY,
        feedback_id uuid NOT NULL REFERENCES feedback (id),
        by_author boolean NOT NULL,
        user_id uuid NOT NULL,
        body text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX replies_of_feedback ON feedback_replies (feedback_id, id)');
    await runner.query(`
      CREATE TABLE feedback_notes (
        id uuid PRIMARY KEY,
        feedback_id uuid NOT NULL REFERENCES feedback (id),
        user_id uuid NOT NULL,
        body text NOT NULL,
        at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX notes_of_feedback ON feedback_notes (feedback_id, id)');
    // The author, and who voted; a merged one's stay its own, and count for both.
    await runner.query(`
      CREATE TABLE feedback_people (
        feedback_id uuid NOT NULL REFERENCES feedback (id),
        user_id uuid NOT NULL,
        is_author boolean NOT NULL,
        subscribed boolean NOT NULL DEFAULT true,
        PRIMARY KEY (feedback_id, user_id)
      )`);
    await runner.query('CREATE INDEX feedback_of_people ON feedback_people (user_id, feedback_id)');
    // Locked while its user sends something, and while they are erased.
    await runner.query('CREATE TABLE feedback_authors (user_id uuid PRIMARY KEY, erased_at timestamptz)');
    await runner.query(`
      CREATE TABLE feedback_staff (
        user_id uuid PRIMARY KEY,
        version bigint NOT NULL DEFAULT 0,
        changed_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX feedback_staff_age ON feedback_staff (changed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE feedback_staff, feedback_authors, feedback_people, feedback_notes, feedback_replies, feedback_moves, feedback',
    );
  }
}
