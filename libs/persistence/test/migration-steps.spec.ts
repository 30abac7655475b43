import { DataSource, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOptions } from '#libs/persistence/database-options';
import { buildIndex, createTable, overAllRows } from '#libs/persistence/migration-steps';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';

/** A large table is migrated while others write to it, and a run that was cut off begins anew. */

let scratch: ScratchDatabase;
let source: DataSource;
let runner: QueryRunner;
beforeAll(async () => {
  scratch = await scratchDatabase([]);
  source = await new DataSource(databaseOptions({ url: scratch.url, entities: [], migrations: [], applicationName: 'suite' })).initialize();
  runner = source.createQueryRunner();
  await source.query('CREATE TABLE goods (id uuid PRIMARY KEY, number int NOT NULL)');
  await source.query('INSERT INTO goods SELECT uuidv7(), n FROM generate_series(1, 250) AS n');
});
afterAll(async () => {
  await runner?.release();
  await source?.destroy();
  await scratch?.drop();
});

const isValid = async (index: string): Promise<boolean | undefined> =>
  (await source.query('SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)', [index]))[0]?.indisvalid;

describe('a table', () => {
  it('comes with all that belongs to it or not at all, and once', async () => {
    const statements = ['CREATE TABLE prices (id uuid PRIMARY KEY)', "INSERT INTO prices VALUES ('018f0000-0000-7000-8000-000000000000')"];
    await expect(createTable(runner, 'prices', [...statements, 'SELECT no_such_column'])).rejects.toThrow('no_such_column');
    for (let time = 0; time < 2; time += 1) await createTable(runner, 'prices', statements);
    expect(await source.query('SELECT count(*)::int FROM prices')).toEqual([{ count: 1 }]);
  });
});

describe('rows', () => {
  it('are gone over in batches, each once', async () => {
    await source.query('CREATE TABLE seen (id uuid, batch uuid)');
    await overAllRows(
      runner,
      100,
      `WITH batch AS (SELECT id FROM goods WHERE id > $1 ORDER BY id LIMIT $2), noted AS (INSERT INTO seen SELECT id, $1 FROM batch)
       SELECT (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last`,
    );
    expect(
      await source.query('SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids, count(DISTINCT batch)::int AS batches FROM seen'),
    ).toEqual([{ rows: 250, ids: 250, batches: 3 }]);
  });
});

describe('an index', () => {
  it('of which a run that was cut off has left a part is whole in the end', async () => {
    await source.query('INSERT INTO goods SELECT uuidv7(), 1');
    await expect(runner.query('CREATE UNIQUE INDEX CONCURRENTLY goods_by_number ON goods (number)')).rejects.toThrow('could not create');
    expect(await isValid('goods_by_number')).toBe(false);
    await buildIndex(runner, 'goods_by_number', 'goods (number)');
    expect(await isValid('goods_by_number')).toBe(true);
  });

  it('is built while others write', async () => {
    const writer = source.createQueryRunner();
    await writer.query('START TRANSACTION');
    await writer.query('INSERT INTO goods SELECT uuidv7(), 7');
    const built = buildIndex(runner, 'goods_newest', 'goods (number, id)');
    // The index waits for the one who has begun; a lock of the table would let nobody else in meanwhile.
    await source.query("SET lock_timeout = '5s'");
    await source.query('INSERT INTO goods SELECT uuidv7(), 8');
    await writer.query('COMMIT');
    await writer.release();
    await built;
    expect(await isValid('goods_newest')).toBe(true);
  });
});
