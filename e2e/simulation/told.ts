import { setTimeout as sleep } from 'node:timers/promises';
import type { Contact, Person } from '#libs/contracts/auth/messages';
import type { Channel } from '#libs/contracts/notification/views';
import type { Carrier, Message, Outcome } from '../../apps/notification/src/delivery/outgoing.ts';
import type { Chance } from './chance.ts';

/** A message that a provider took. */
export type Taken = Pick<Message, 'id' | 'notificationId' | 'userId' | 'channel' | 'template' | 'data'>;

const ANSWER_MS = 15;

/** The providers of mail, SMS and push: they outlive every process, and sometimes take nothing, or take it and do not say so. */
export class Providers {
  readonly taken: Taken[] = [];
  chance: Chance | undefined;
  fails = 0;

  of(channel: Exclude<Channel, 'in_app'>): Carrier {
    return {
      atOnce: 50,
      restsFor: () => 0,
      carry: (messages) => Promise.all(messages.map((message) => this.take(channel, message))),
    };
  }

  private async take(channel: Channel, { id, notificationId, userId, template, data }: Message): Promise<Outcome> {
    const [isAway, isSilent] = [this.chance?.happens(this.fails) === true, this.chance?.happens(this.fails) === true];
    if (isAway) return { state: 'again', provider: 'simulated', code: 'away' };
    this.taken.push({ id, notificationId, userId, channel, template, data });
    // Who is killed now does not know that it was taken.
    await sleep(this.chance?.between(0, ANSWER_MS));
    return isSilent ? { state: 'unknown', provider: 'simulated' } : { state: 'sent', provider: 'simulated' };
  }
}

/** What auth says of anybody. */
export const authAnswers: Readonly<Record<string, (input: { readonly userIds?: readonly string[] }) => object>> = {
  'auth.contacts': ({ userIds = [] }) => ({ items: userIds.map(contactOf) }),
  'auth.staff': () => ({ userIds: [] }),
  'auth.people': ({ userIds = [] }) => ({ items: userIds.map(personOf) }),
  'auth.sameContact': () => ({ same: false }),
  'auth.sameAddress': () => ({ same: false }),
};

const personOf = (userId: string): Person => ({
  ...{ userId, name: 'Meera', roles: ['customer'], disabled: false, verified: false, createdAt: new Date().toISOString() },
});

const contactOf = (userId: string): Contact => ({
  ...{ userId, email: `${userId}@example.com`, emailVerified: true, phone: '+919876543210', phoneVerified: true },
  ...{ name: 'Meera', disabled: false },
});

/** What stands in people's lists of their orders. */
export interface Told {
  readonly user_id: string;
  readonly template: string;
  readonly order_id: string;
}

/** Whom a change is told to no more than once for each order. */
const ONCE = ['order_confirmed', 'order_shipped', 'order_out_for_delivery', 'order_expired'];

/** Everything that is wrong with what people were told. */
export function wronglyTold(orders: readonly ToldOrder[], taken: readonly Taken[], told: readonly Told[]): string[] {
  const ids = new Set(orders.map(({ id }) => id));
  const mine = taken.filter(({ data }) => ids.has(data.orderId ?? ''));
  const problems: string[] = [];
  for (const [, same] of Map.groupBy(mine, ({ notificationId, channel }) => `${notificationId} ${channel}`))
    if (same.length > 1) problems.push(`${same[0]?.template} left ${same.length} times by ${same[0]?.channel}`);
  const entries = told.map(({ template, order_id }) => ({ template, channel: 'in_app', data: { orderId: order_id } }));
  const once = [...mine, ...entries].filter(({ template }) => ONCE.includes(template ?? ''));
  for (const [which, same] of Map.groupBy(once, ({ template, channel, data }) => `${template} of ${data.orderId} by ${channel}`))
    if (same.length > 1) problems.push(`${which} was told ${same.length} times`);
  for (const { id, number, isConfirmed } of orders) {
    const entries = told.filter(({ template, order_id }) => order_id === id && template === 'order_confirmed').length;
    if (entries !== (isConfirmed ? 1 : 0)) problems.push(`${number}: confirmed ${isConfirmed}, told so ${entries} times`);
  }
  return problems;
}

export interface ToldOrder {
  readonly id: string;
  readonly number: string;
  /** Confirmed by its own payment; a late one is told in other words. */
  readonly isConfirmed: boolean;
}
