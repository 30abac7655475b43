import { describe, expect, it } from 'vitest';
import { type Failure, ShopFailure } from './failure.ts';
import { underKey } from './idempotency.ts';

const refused = (code: string): Failure => ({
  kind: 'refused',
  problem: { type: 'about:blank', title: '', status: 409, detail: '', code, requestId: 'r' },
});

/** The keys of two tries of one thing, the first of which ends as given. */
async function keysOf(what: string, first: Failure | 'answered'): Promise<[string, string]> {
  const keys: string[] = [];
  const send = async (key: string): Promise<void> => {
    keys.push(key);
    if (keys.length === 1 && first !== 'answered') throw new ShopFailure(first);
  };
  await underKey(what, send).catch(() => undefined);
  await underKey(what, send);
  return [keys[0] ?? '', keys[1] ?? ''];
}

describe('idempotency keys', () => {
  it.each<[string, Failure]>([
    ['nobody was reached', { kind: 'unreachable' }],
    ['the shop was too busy', { kind: 'busy', retryAfter: undefined }],
    ['the first try is still under way', refused('idempotency_in_flight')],
  ])('stay the same while %s', async (name, failure) => {
    const [first, second] = await keysOf(name, failure);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
  });

  it.each<[string, Failure | 'answered']>([
    ['answered', 'answered'],
    ['refused', refused('order.out_of_stock')],
  ])('are new once the shop has %s', async (name, end) => {
    const [first, second] = await keysOf(name, end);
    expect(second).not.toBe(first);
  });

  it('are not shared by things that say something else', async () => {
    const keys: string[] = [];
    const send = async (key: string): Promise<void> => {
      keys.push(key);
      throw new ShopFailure({ kind: 'unreachable' });
    };
    for (const what of ['order 1', 'order 2']) await underKey(what, send).catch(() => undefined);
    expect(new Set(keys).size).toBe(2);
  });
});
