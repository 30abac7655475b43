import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StoreUnavailable } from './object-store.ts';
import { inTime, verified } from './verified.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a store that falls silent after its first bytes is unavailable, one that is only slow is not', async () => {
  const body = new Readable({ read() {} });
  const read = buffer(verified(inTime(body), 'the hash'));
  const outcome = expect(read).rejects.toThrow(StoreUnavailable);
  for (let piece = 0; piece < 5; piece += 1) {
    body.push(Buffer.from('bytes'));
    await turn();
    vi.advanceTimersByTime(2_900);
    expect(body.destroyed).toBe(false);
  }
  vi.advanceTimersByTime(200);
  await outcome;
  expect([body.destroyed, vi.getTimerCount()]).toEqual([true, 0]);
});
