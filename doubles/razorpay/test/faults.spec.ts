import { expect, it } from 'vitest';
import type { FaultKind } from '../faults.ts';
import type { Simulator } from '../simulator.ts';
import { call, control, inTheEnd, keyId, keySecret, paidOrder, refund, sandbox } from './sandbox.ts';

const endpoint = 'POST /v1/orders';

/** What a client sees of an order's creation: a status and type, or the error of its connection. */
async function create(simulator: Simulator, timeoutMs = 20_000): Promise<string> {
  try {
    const response = await fetch(`${simulator.url}/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${keyId}:${keySecret}`)}`, 'content-type': 'application/json' },
      body: '{"amount":5000,"currency":"INR"}',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return `${response.status} ${response.headers.get('content-type')?.split(';')[0]}`;
  } catch (error) {
    const { name, cause } = error as Error;
    return cause instanceof Error && 'code' in cause ? String(cause.code) : name;
  }
}

const orders = (simulator: Simulator): number => simulator.ledger().orders.length;

it.each<[FaultKind, string, number]>([
  ['hang', 'TimeoutError', 0],
  ['hang-after-commit', 'TimeoutError', 1],
  ['reset-before-commit', 'ECONNRESET', 0],
  ['reset-after-commit', 'ECONNRESET', 1],
  ['429', '429 application/json', 0],
  ['502-html', '502 text/html', 0],
])('%s: the client sees %s, the ledger %i order, and the next request is served', async (kind, seen, committed) => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint, kind });
  expect(await create(simulator, 300)).toBe(seen);
  expect(orders(simulator)).toBe(committed);
  expect(await create(simulator)).toBe('200 application/json');
  expect(orders(simulator)).toBe(committed + 1);
});

it('delay: answers late, and commits although the client has gone', async () => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint, kind: 'delay', delayMs: 400 });
  expect(await create(simulator, 150)).toBe('TimeoutError');
  expect(orders(simulator)).toBe(0);
  await inTheEnd(() => expect(orders(simulator)).toBe(1));
});

it('meets as many requests as it was set for, on its own endpoint only', async () => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint, kind: '429', times: 2 });
  simulator.controls.addFault({ endpoint, kind: '502-html' });
  expect((await call(simulator, 'GET', '/v1/orders')).status).toBe(200);
  expect([await create(simulator), await create(simulator), await create(simulator), await create(simulator)]).toEqual([
    '429 application/json',
    '429 application/json',
    '502 text/html',
    '200 application/json',
  ]);
});

it('stays until cleared when it has no number, on every endpoint when set for *', async () => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint: '*', kind: '429', times: null });
  for (let request = 0; request < 5; request += 1) expect((await call(simulator, 'GET', '/v1/refunds')).status).toBe(429);
  simulator.controls.clearFaults();
  expect((await call(simulator, 'GET', '/v1/refunds')).status).toBe(200);
});

it('finds a refund whose answer was lost by its key, and makes no second one', async () => {
  const simulator = await sandbox();
  const { paymentId } = await paidOrder(simulator);
  simulator.controls.addFault({ endpoint: 'POST /v1/payments/:id/refund', kind: 'reset-after-commit' });
  await expect(refund(simulator, paymentId, { amount: 700 }, 'key-000001')).rejects.toThrow();
  const repeat = await refund(simulator, paymentId, { amount: 700 }, 'key-000001');
  expect(simulator.ledger().refunds).toEqual([repeat.body]);
});

it('loses the answer of a refusal too', async () => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint, kind: 'reset-after-commit' });
  await expect(call(simulator, 'POST', '/v1/orders', { amount: 1, currency: 'INR' })).rejects.toThrow();
});

it('says which endpoints there are when asked for another', async () => {
  const simulator = await sandbox();
  const answer = await control<{ error: { description: string } }>(simulator, 'POST', '/faults', {
    endpoint: 'POST /orders',
    kind: 'hang',
  });
  expect(answer.status).toBe(400);
  expect(answer.body.error.description).toContain('POST /v1/orders');
});

it('closes at once while a request hangs', async () => {
  const simulator = await sandbox();
  simulator.controls.addFault({ endpoint, kind: 'hang' });
  const hanging = create(simulator);
  await inTheEnd(() => expect(simulator.controls.faults()).toEqual([]));
  await simulator.close();
  expect(await hanging).not.toMatch('200');
});
