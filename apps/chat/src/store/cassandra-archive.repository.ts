import type { Cassandra } from '#libs/persistence/cassandra';
import { type ArchivedText, TextArchive } from './text-archive.ts';

/** Messages of a thread in one partition: some megabytes of text at most. */
const BUCKET = 10_000;
const AT_ONCE = 32;
/** Rows that one statement asks for: far fewer than the driver takes for a page. */
const ASKED_AT_ONCE = 100;
const bucketOf = (sequence: number): number => Math.floor((sequence - 1) / BUCKET);

/** The tables are in `migrations/chat.keyspace.ts`. A text's write time is its revision, whichever clock is late. */
export class CassandraArchive extends TextArchive {
  readonly #cassandra: Cassandra;

  constructor(cassandra: Cassandra) {
    super();
    this.#cassandra = cassandra;
  }

  async keep(texts: readonly ArchivedText[]): Promise<void> {
    for (let at = 0; at < texts.length; at += AT_ONCE)
      await Promise.all(
        texts
          .slice(at, at + AT_ONCE)
          .map(({ threadId, sequence, revision, content }) =>
            this.#cassandra.execute(
              'INSERT INTO messages (thread_id, bucket, sequence, revision, content) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?',
              [threadId, bucketOf(sequence), sequence, revision, content, revision],
            ),
          ),
      );
  }

  async find(threadId: string, sequences: readonly number[]): Promise<ReadonlyMap<number, ArchivedText>> {
    const parts = [...Map.groupBy(new Set(sequences), bucketOf)].flatMap(([bucket, inBucket]) =>
      Array.from({ length: Math.ceil(inBucket.length / ASKED_AT_ONCE) }, (_, index) =>
        this.#findIn(threadId, bucket, inBucket.slice(index * ASKED_AT_ONCE, (index + 1) * ASKED_AT_ONCE)),
      ),
    );
    return new Map((await Promise.all(parts)).flat().map((text) => [text.sequence, text]));
  }

  async #findIn(threadId: string, bucket: number, sequences: readonly number[]): Promise<ArchivedText[]> {
    const rows = await this.#cassandra.execute(
      'SELECT sequence, revision, content FROM messages WHERE thread_id = ? AND bucket = ? AND sequence IN ?',
      [threadId, bucket, sequences],
    );
    return rows.map((row) => ({
      ...{ threadId, sequence: Number(row.sequence), revision: Number(row.revision), content: String(row.content) },
    }));
  }
}
