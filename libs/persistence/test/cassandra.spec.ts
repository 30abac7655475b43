import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '#libs/local-stack/ports';
import { describeOnCassandra, type ScratchKeyspace, scratchKeyspace } from '#libs/testing/scratch-keyspace';
import { Cassandra, createKeyspace } from '../cassandra.ts';
import { DatabaseUnavailable } from '../database-errors.ts';

const table = 'CREATE TABLE IF NOT EXISTS lines (owner text, number int, words text, PRIMARY KEY (owner, number))';
const insert = 'INSERT INTO lines (owner, number, words) VALUES (?, ?, ?)';

/** Needs REQUIRE_CASSANDRA=1. */
describeOnCassandra('a keyspace of Cassandra', () => {
  let keyspace: ScratchKeyspace;
  beforeAll(async () => {
    keyspace = await scratchKeyspace([table]);
  }, 60_000);
  afterAll(() => keyspace.drop());

  it('keeps one row for a key, however often it is written', async () => {
    const { cassandra } = keyspace;
    await Promise.all(Array.from({ length: 10 }, () => cassandra.execute(insert, ['asha', 1, 'namaste'])));
    const rows = await cassandra.execute('SELECT number, words FROM lines WHERE owner = ?', ['asha']);
    expect(rows.map((row) => [row.number, row.words])).toEqual([[1, 'namaste']]);
  });

  it('is made again without losing a row', async () => {
    await keyspace.cassandra.execute(insert, ['ravi', 1, 'kept']);
    await createKeyspace(keyspace.place, { replicationFactor: 1, statements: [table] });
    expect(await keyspace.cassandra.execute('SELECT words FROM lines WHERE owner = ?', ['ravi'])).toHaveLength(1);
  });

  it('reads page by page, each row once', async () => {
    const { cassandra } = keyspace;
    for (let number = 0; number < 25; number += 1) await cassandra.execute(insert, ['meera', number, 'x']);
    const read: number[] = [];
    let from: string | undefined;
    do {
      const page = await cassandra.page('SELECT number FROM lines WHERE owner = ?', ['meera'], 10, from);
      expect(page.rows.length).toBeLessThanOrEqual(10);
      read.push(...page.rows.map((row) => Number(row.number)));
      from = page.next;
    } while (from !== undefined);
    expect(read).toEqual(Array.from({ length: 25 }, (_, number) => number));
  });

  it('takes text as a value, never as part of a statement', async () => {
    const words = "'; DROP TABLE lines; --";
    await keyspace.cassandra.execute(insert, ['quote', 1, words]);
    const [row] = await keyspace.cassandra.execute('SELECT words FROM lines WHERE owner = ?', ['quote']);
    expect(row?.words).toBe(words);
  });

  it('names a wrong statement as wrong, not as a database that is away', async () => {
    await expect(keyspace.cassandra.execute('SELECT nothing FROM lines WHERE owner = ?', ['x'])).rejects.not.toThrow(DatabaseUnavailable);
  });

  it('is unavailable while no node can be reached', async () => {
    const away = new Cassandra({ ...keyspace.place, contactPoints: [`127.0.0.1:${await freePort()}`] });
    await expect(away.execute('SELECT words FROM lines WHERE owner = ?', ['x'])).rejects.toThrow(DatabaseUnavailable);
    await away.close();
  });
});
