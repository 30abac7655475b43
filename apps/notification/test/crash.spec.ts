import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from '#libs/persistence/sql';
import { eventually } from '#libs/testing/builders';
import type { ScratchDatabase } from '#libs/testing/scratch-database';
import { Carriers } from '../src/delivery/carriers.ts';
import { DeliveryHandlers } from '../src/delivery/delivery.handlers.ts';
import { OutgoingRepository } from '../src/delivery/outgoing.repository.ts';
import type { Outcome } from '../src/delivery/outgoing.ts';
import { NotificationReactions } from '../src/notification.reactions.ts';
import { aDatabase, aMessageDue, aPerson, openShop, type Shop } from './notification-fixture.ts';

/** A worker that stops for good between any two of its steps; another one has the same database. */
let scratch: ScratchDatabase;
let dying: Shop;
/** What the worker that dies is asked to leave undone from then on. */
let diesAt: 'claim' | 'begin' | 'hand over' | 'record' | undefined;
let reached = false;

const never = <T>(): Promise<T> => {
  reached = true;
  return new Promise<T>(() => undefined);
};

beforeAll(async () => {
  scratch = await aDatabase();
  dying = await openShop(scratch);
  const outgoing = dying.app.get(OutgoingRepository);
  const [claim, begin, record] = [outgoing.claim.bind(outgoing), outgoing.beginHandOver.bind(outgoing), outgoing.record.bind(outgoing)];
  // The dead takes up nothing: else it has what it left before the living one has started, for a whole lease.
  outgoing.claim = async (...asked) => (reached ? [] : claim(...asked));
  outgoing.beginHandOver = (...asked) => (diesAt === 'claim' ? never() : begin(...asked));
  outgoing.record = (rows, on) => (diesAt === 'record' && rows.length > 0 ? never() : record(rows, on));
  const carrier = dying.app.get(Carriers).of('otp', 'email');
  const carry = carrier.carry.bind(carrier);
  carrier.carry = async (messages): Promise<readonly Outcome[]> => {
    if (diesAt === 'begin') return never();
    const outcomes = await carry(messages);
    return diesAt === 'hand over' ? never() : outcomes;
  };
});
// The dying one is not closed: it would wait for what it never does.
afterAll(() => scratch?.drop());

describe('a worker that dies', () => {
  it.each<[NonNullable<typeof diesAt>, { mails: number; state: string }]>([
    ['claim', { mails: 1, state: 'sent' }],
    ['begin', { mails: 0, state: 'unknown' }],
    ['hand over', { mails: 1, state: 'unknown' }],
    ['record', { mails: 1, state: 'unknown' }],
  ])('after the %s leaves a message that is sent at most once, and says what became of it', async (point, { mails, state }) => {
    [diesAt, reached] = [point, false];
    const { userId, email } = aPerson();
    const due = aMessageDue({ template: 'email_verification', channel: 'email', to: email ?? '', userId }, 'a-token');
    await dying.hears((transaction) =>
      dying.app.get(NotificationReactions).onAuthMessageDue(due, { eventId: due.messageId, version: 1, requestId: 'suite', transaction }),
    );
    await eventually(() => reached);
    // The lease of the dead runs out.
    await dying.database.execute(sql`UPDATE outgoing SET due_at = now() - interval '1 second' WHERE notification_id = ${due.messageId}`);
    const living = await openShop(scratch);
    try {
      const found = await eventually(async () => {
        const { items } = await living.app.get(DeliveryHandlers).deliveriesOf({ id: due.messageId, limit: 2 });
        return items.length === 1 && !['queued', 'sending'].includes(items[0]?.state ?? '') && items[0];
      }, 60_000);
      expect([found.state, (await living.inbox(due.to)).length]).toEqual([state, mails]);
    } finally {
      await living.app.close();
    }
  });
});
