import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadCursor, Cursors, pageOf } from './cursor.ts';
import { titleOf } from './queries.ts';

import { joined, sql, when } from './sql.ts';

describe('sql', () => {
  it('turns every value into a parameter, in nested pieces too', () => {
    const statement = sql`SELECT * FROM t WHERE a = ${1} AND ${joined([sql`b = ${'x'}`, sql`c = ${null}`], ' OR ')} ${when(false, () => sql`AND d = ${2}`)} LIMIT ${3}`;
    expect(statement.text).toBe('SELECT * FROM t WHERE a = $1 AND b = $2 OR c = $3  LIMIT $4');
    expect(statement.values).toEqual([1, 'x', null, 3]);
  });

  it('names a statement by its text alone', () => {
    const byId = (id: string) => sql`SELECT ${id}`;
    expect(byId('a').name).toBe(byId('b').name);
    expect(sql`SELECT 1`.name).not.toBe(sql`SELECT 2`.name);
  });
});

it.each([
  ['SELECT 1', 'SELECT'],
  ['\n  SELECT id FROM outbox WHERE id = $1', 'SELECT outbox'],
  ['INSERT INTO inbox (event_id) VALUES ($1)', 'INSERT inbox'],
  ['UPDATE outbox SET a = (SELECT b FROM c)', 'UPDATE outbox'],
  ['WITH claimed AS MATERIALIZED (\n SELECT id FROM holds)\n UPDATE holds SET due_at = now() FROM claimed', 'UPDATE holds'],
  ['DELETE FROM inbox WHERE true', 'DELETE inbox'],
])('a span of %j is called %j', (text, title) => {
  expect(titleOf(text)).toBe(title);
});

describe('cursors', () => {
  const cursors = new Cursors('a secret');

  it('come back as the key they were made from, on their own list only', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))), fc.string(), (key, list) => {
        const cursor = cursors.encode(key, list);
        expect(cursors.decode(cursor, list)).toEqual(key);
        expect(() => cursors.decode(cursor, `${list}!`)).toThrow(BadCursor);
        expect(() => new Cursors('another secret').decode(cursor, list)).toThrow(BadCursor);
      }),
    );
  });

  it('are still good while the secret that signed them is the one before', () => {
    const cursor = cursors.encode(['a'], 'list');
    expect(new Cursors('another secret', 'a secret').decode(cursor, 'list')).toEqual(['a']);
  });

  it('refuse whatever else a client sends', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => cursors.decode(text, 'list')).toThrow(BadCursor);
      }),
    );
  });

  it('name the last row of a full page, and none after the last', () => {
    const page = pageOf([1, 2, 3], 2, String);
    expect(page).toEqual({ items: [1, 2], nextCursor: '2' });
    expect(pageOf([1, 2], 2, String).nextCursor).toBeNull();
  });
});
