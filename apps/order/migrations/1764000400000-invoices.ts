import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Invoices1764000400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A counter and not a sequence: it rolls back with the document, so no number is ever left out (GST rule 46: consecutive).
    await runner.query('CREATE TABLE document_counters (series text PRIMARY KEY, last int NOT NULL)');
    await runner.query(`
      CREATE TABLE invoices (
        number text PRIMARY KEY CHECK (length(number) <= 16),
        order_id uuid NOT NULL UNIQUE REFERENCES orders (id),
        issued_at timestamptz NOT NULL,
        document jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE credit_notes (
        number text PRIMARY KEY CHECK (length(number) <= 16),
        order_id uuid NOT NULL REFERENCES invoices (order_id),
        refund_id uuid UNIQUE,
        amount bigint NOT NULL CHECK (amount > 0),
        issued_at timestamptz NOT NULL,
        document jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX credit_notes_of_order ON credit_notes (order_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE credit_notes, invoices, document_counters');
  }
}
