import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { Account, type EventSubject } from '../account.ts';
import { Clock } from '../clock.ts';
import { moveDispute, openDispute } from '../disputes.ts';
import { ledgerOf, settlementRecon } from '../ledger.ts';
import { createOrder } from '../orders.ts';
import { authoriseLate, capturePayment, PAYMENT_MODES, payOrder } from '../payments.ts';
import { RazorpayError } from '../razorpay-error.ts';
import { createRefund, failRefund, processRefund } from '../refunds.ts';
import { defaultSettings } from '../settings.ts';
import { call, newOrder, paidOrder, refund, sandbox, sandboxWithShop } from './sandbox.ts';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function ledgerFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'razorpay-sim-'));
  folders.push(folder);
  return join(folder, 'ledger.jsonl');
}

const amount = fc.integer({ min: 100, max: 1_000_000 });
const step = fc.oneof(
  fc.record({ do: fc.constant('order' as const), amount }),
  fc.record({ do: fc.constant('pay' as const), pick: fc.nat(), mode: fc.constantFrom(...PAYMENT_MODES), amount: fc.option(amount) }),
  fc.record({ do: fc.constantFrom('capture' as const, 'late' as const, 'process' as const, 'fail' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('refund' as const), pick: fc.nat(), amount: fc.option(amount) }),
  fc.record({ do: fc.constant('dispute' as const), pick: fc.nat(), lost: fc.boolean() }),
  fc.record({ do: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 100 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An account with what its events alone say about the money: a second book, kept by another hand. */
function twoBooks(refundMode: 'instant' | 'pending') {
  const clock = new Clock(() => Date.UTC(2026, 0, 1));
  const told = { captured: 0, refunded: 0, pending: 0, paidOrders: new Set<string>() };
  const happened = (event: string, { payment, order, refund: told_refund }: EventSubject): void => {
    if (event === 'payment.captured') told.captured += payment?.amount ?? 0;
    if (event === 'refund.created') {
      told.refunded += told_refund?.amount ?? 0;
      told.pending += told_refund?.amount ?? 0;
    }
    if (event === 'refund.processed' || event === 'refund.failed') told.pending -= told_refund?.amount ?? 0;
    if (event === 'refund.failed') told.refunded -= told_refund?.amount ?? 0;
    if (event === 'order.paid') told.paidOrders.add(order?.id ?? '');
  };
  const account = new Account({ clock, settings: { ...defaultSettings, refundMode }, written: () => undefined, happened });
  return { account, told };
}

function take(account: Account, move: Step): void {
  const pick = <T>(map: ReadonlyMap<string, T>, index: number): string => [...map.keys()][index % map.size] ?? '';
  switch (move.do) {
    case 'order':
      createOrder(account, {
        amount: move.amount,
        currency: 'INR',
        receipt: null,
        notes: [],
        capture: { mode: 'automatic', automaticExpiryMinutes: null, manualExpiryMinutes: null },
      });
      break;
    case 'pay':
      payOrder(account, { orderId: pick(account.orders, move.pick), mode: move.mode, amount: move.amount ?? undefined });
      break;
    case 'capture': {
      const { entity } = account.payment(pick(account.payments, move.pick));
      capturePayment(account, entity.id, entity.amount, entity.currency);
      break;
    }
    case 'late':
      authoriseLate(account, pick(account.payments, move.pick));
      break;
    case 'refund':
      createRefund(account, pick(account.payments, move.pick), {
        amount: move.amount ?? undefined,
        speed: 'normal',
        receipt: null,
        notes: [],
      });
      break;
    case 'process':
      processRefund(account, pick(account.refunds, move.pick));
      break;
    case 'fail':
      failRefund(account, pick(account.refunds, move.pick));
      break;
    case 'dispute': {
      const { entity } = openDispute(account, pick(account.payments, move.pick));
      moveDispute(account, entity.id, move.lost ? 'lose' : 'win');
      break;
    }
    case 'pass':
      account.clock.advance(move.hours * 60 * 60 * 1000);
      break;
  }
}

it('keeps the sums right whatever is done in whatever order', () => {
  const moves = fc.array(step, { minLength: 5, maxLength: 60 });
  fc.assert(
    fc.property(moves, fc.constantFrom('instant' as const, 'pending' as const), (steps, refundMode) => {
      const { account, told } = twoBooks(refundMode);
      try {
        for (const move of [{ do: 'order', amount: 5000 } as const, ...steps]) {
          try {
            take(account, move);
          } catch (error) {
            // A refusal is an outcome; anything else is a defect.
            if (!(error instanceof RazorpayError)) throw error;
          }
          const { totals, payments, refunds, orders } = ledgerOf(account);
          expect(totals).toMatchObject({ captured: told.captured, refunded: told.refunded, refundPending: told.pending });
          expect(totals.net).toBe(totals.captured - totals.refunded);
          for (const payment of payments.filter(({ captured }) => captured)) {
            const sum = refunds
              .filter((one) => one.payment_id === payment.id && one.status !== 'failed')
              .reduce((all, one) => all + one.amount, 0);
            expect(payment.amount_refunded).toBe(sum);
            expect(sum).toBeLessThanOrEqual(payment.amount);
            expect(payment.refund_status).toBe(sum === 0 ? null : sum === payment.amount ? 'full' : 'partial');
            expect(payment.status).toBe(sum === payment.amount ? 'refunded' : 'captured');
          }
          for (const order of orders) {
            const own = payments.filter(({ order_id }) => order_id === order.id);
            expect(order.attempts).toBe(own.length);
            expect(order.amount_paid).toBe(own.filter(({ captured }) => captured).reduce((all, one) => all + one.amount, 0));
            expect(order.amount_due).toBe(Math.max(0, order.amount - order.amount_paid));
            expect(order.status === 'paid').toBe(told.paidOrders.has(order.id));
            expect(order.status === 'paid').toBe(order.amount_paid >= order.amount);
          }
          const settled = settlementRecon(account, 2026, 1).concat(
            ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((month) => settlementRecon(account, 2026, month)),
          );
          const sumOf = (type: string) => settled.filter((item) => item.type === type).reduce((all, item) => all + item.amount, 0);
          expect(sumOf('payment')).toBe(totals.captured);
          expect(sumOf('refund')).toBe(totals.refunded - totals.refundPending);
        }
      } finally {
        account.clock.stop();
      }
    }),
    { numRuns: 60 },
  );
});

it('has everything back after a restart: objects, keys, events and the clock', async () => {
  const file = await ledgerFile();
  const before = await sandbox({ ledgerFile: file });
  const { paymentId } = await paidOrder(before, { receipt: 'r1' });
  const late = before.controls.pay({ orderId: (await newOrder(before)).id, mode: 'late', lateAfterMs: 3_600_000 });
  const first = await refund(before, paymentId, { amount: 700 }, 'key-000001');
  before.controls.openDispute(paymentId);
  before.controls.advance(1800);
  const [ledger, events] = [before.ledger(), before.controls.events()];
  await before.close();

  const after = await sandbox({ ledgerFile: file });
  expect(after.ledger()).toEqual(ledger);
  expect(after.controls.events()).toEqual(events);
  expect(Date.parse(after.controls.now()) - Date.now()).toBeGreaterThan(1_700_000);
  expect((await refund(after, paymentId, { amount: 700 }, 'key-000001')).body).toEqual(first.body);
  expect((await call<{ count: number }>(after, 'GET', '/v1/orders?receipt=r1')).body.count).toBe(1);
  after.controls.advance(1801);
  expect(after.ledger().payments.find(({ id }) => id === late.paymentId)?.status).toBe('captured');
});

it('delivers after a restart what was not delivered before', async () => {
  const file = await ledgerFile();
  const { simulator, shop } = await sandboxWithShop({ ledgerFile: file });
  shop.answer = () => 503;
  const { id } = simulator.controls.publish('order.paid');
  expect(await simulator.controls.idle(100)).toBe(false);
  await simulator.close();
  shop.answer = () => 200;
  const after = await sandbox({ ledgerFile: file, webhookUrl: shop.url, webhookSecret: 'webhook-secret' });
  expect(await after.controls.idle()).toBe(true);
  expect(after.controls.event(id).state).toBe('delivered');
  expect(shop.received.at(-1)).toMatchObject({ id, signedWith: 'webhook-secret' });
});

it('reads a file whose last line was torn by a kill, and shrinks one of outdated lines', async () => {
  const file = await ledgerFile();
  const before = await sandbox({ ledgerFile: file });
  const { order } = await paidOrder(before);
  await before.close();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.repeat(400));
  await appendFile(file, '["order/order_torn","{"kind');
  const after = await sandbox({ ledgerFile: file });
  expect(after.ledger().orders.map(({ id }) => id)).toEqual([order.id]);
  const next = await newOrder(after);
  await after.close();
  expect((await readFile(file, 'utf8')).length).toBeLessThan(text.length * 2);
  const last = await sandbox({ ledgerFile: file });
  expect(last.ledger().orders.map(({ id }) => id)).toEqual([order.id, next.id]);
});

it('starts empty after a reset, also after a restart', async () => {
  const file = await ledgerFile();
  const before = await sandbox({ ledgerFile: file });
  await paidOrder(before);
  await before.controls.reset();
  const kept = await newOrder(before);
  await before.close();
  const after = await sandbox({ ledgerFile: file });
  expect(after.ledger()).toMatchObject({ orders: [{ id: kept.id }], payments: [] });
  expect(after.controls.events()).toEqual([]);
});

it('forgets the oldest of more than 10,000 settled events, in the file too', async () => {
  const file = await ledgerFile();
  const before = await sandbox({ ledgerFile: file });
  const ids = Array.from({ length: 10_002 }, () => before.controls.publish('order.paid').id);
  expect(before.controls.events().map(({ id }) => id)).toEqual(ids.slice(2));
  await before.close();
  const after = await sandbox({ ledgerFile: file });
  expect(after.controls.events().map(({ id }) => id)).toEqual(ids.slice(2));
});
