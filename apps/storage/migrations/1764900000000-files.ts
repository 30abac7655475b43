import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Files1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What a user has stored. A row of an erased account stays, so that an upload that ends late finds no account to belong to.
    await runner.query(`
      CREATE TABLE accounts (
        user_id uuid PRIMARY KEY,
        bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
        files bigint NOT NULL DEFAULT 0 CHECK (files >= 0),
        erased_at timestamptz
      )`);
    await runner.query('CREATE INDEX accounts_erased ON accounts (erased_at)');
    await runner.query('CREATE INDEX accounts_by_bytes ON accounts (bytes DESC)');
    // Bytes that are stored, once however many files have them. The id is random, and the objects' key.
    await runner.query(`
      CREATE TABLE blobs (
        id uuid PRIMARY KEY,
        hash text NOT NULL UNIQUE,
        mime text NOT NULL,
        size bigint NOT NULL CHECK (size > 0),
        width integer,
        height integer,
        color text,
        blurhash text,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    // A preset of a picture in one format. Without a hash it is being made, by whoever holds the lease.
    await runner.query(`
      CREATE TABLE renditions (
        blob_id uuid NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
        preset text NOT NULL,
        format text NOT NULL,
        hash text,
        size bigint,
        leased_until timestamptz NOT NULL,
        PRIMARY KEY (blob_id, preset, format)
      )`);
    await runner.query(`
      CREATE TABLE files (
        id uuid PRIMARY KEY,
        user_id uuid,
        name text NOT NULL,
        folder text,
        purpose text NOT NULL,
        visibility text NOT NULL,
        blob_id uuid NOT NULL REFERENCES blobs (id),
        had_holders boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX files_of_user ON files (user_id, id DESC)');
    await runner.query('CREATE INDEX files_of_blob ON files (blob_id)');
    // Who uses a file. With an end it is only promised, until the event that says so for good has come.
    await runner.query(`
      CREATE TABLE holders (
        file_id uuid NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        service text NOT NULL,
        ref text NOT NULL,
        shown boolean NOT NULL DEFAULT false,
        expires_at timestamptz,
        PRIMARY KEY (file_id, service, ref)
      )`);
    await runner.query('CREATE INDEX holders_of_ref ON holders (service, ref)');
    await runner.query('CREATE INDEX holders_expiry ON holders (expires_at) WHERE expires_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE refs (
        service text NOT NULL,
        ref text NOT NULL,
        version bigint NOT NULL,
        ended_at timestamptz,
        PRIMARY KEY (service, ref)
      )`);
    await runner.query('CREATE INDEX refs_ended ON refs (ended_at) WHERE ended_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE uploads (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        is_admin boolean NOT NULL,
        name text NOT NULL,
        mime text NOT NULL,
        size bigint NOT NULL CHECK (size > 0),
        purpose text NOT NULL,
        visibility text,
        folder text,
        hash text,
        file_id uuid,
        leased_until timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX uploads_of_user ON uploads (user_id)');
    await runner.query('CREATE INDEX uploads_expiry ON uploads (expires_at)');
    await runner.query(`
      CREATE TABLE parts (
        upload_id uuid NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
        number integer NOT NULL,
        key text NOT NULL,
        size bigint NOT NULL,
        hash text NOT NULL,
        PRIMARY KEY (upload_id, number)
      )`);
    await runner.query('CREATE INDEX parts_by_key ON parts (key)');
    // Objects that go unless a transaction takes their row away in time: what is being written, and what nobody has any more.
    await runner.query(`
      CREATE TABLE leftovers (
        prefix text PRIMARY KEY,
        due_at timestamptz NOT NULL,
        is_going boolean NOT NULL DEFAULT false,
        tries integer NOT NULL DEFAULT 0
      )`);
    await runner.query('CREATE INDEX leftovers_due ON leftovers (due_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE leftovers, parts, uploads, refs, holders, files, renditions, blobs, accounts');
  }
}
