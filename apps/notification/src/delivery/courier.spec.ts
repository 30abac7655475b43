import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Logger } from '#libs/observability/logger';
import { DatabaseUnavailable } from '#libs/persistence/database-errors';
import { eventually } from '#libs/testing/builders';
import { Courier } from './courier.ts';
import type { Filing } from './filing.ts';
import type { OutgoingRepository, Recorded } from './outgoing.repository.ts';
import type { Carrier, Message, Outgoing } from './outgoing.ts';

/** What a provider has answered, while the database is away for a moment. */
describe('an answered hand-over', () => {
  it('is recorded when the database is back', async () => {
    const recorded: Recorded[] = [];
    let failures = 2;
    const repository: Pick<OutgoingRepository, 'record' | 'postpone'> = {
      record: async (rows) => {
        failures -= 1;
        if (failures >= 0) throw new DatabaseUnavailable(new Error('gone'));
        recorded.push(...rows);
      },
      postpone: async () => undefined,
    };
    const carrier: Pick<Carrier, 'atOnce' | 'restsFor' | 'carry'> = {
      atOnce: 10,
      restsFor: () => 0,
      carry: async () => [{ state: 'sent', provider: 'double' }],
    };
    const courier = new Courier(
      ...(['bulk', 'email', carrier as Carrier, repository as OutgoingRepository, () => [], () => undefined] as const),
      { wake: () => undefined } as Filing,
      { warn: () => undefined } as unknown as Logger,
    );
    const messages = [uuidv7(), uuidv7()].map(
      (id) => ({ id, channel: 'email', template: 'coupon_issued', to: ['meera@example.com'], tries: 0 }) as unknown as Message,
    );
    courier.take(messages as unknown as readonly Outgoing[], Promise.resolve(messages));
    await eventually(async () => recorded.length === 2);
    expect(recorded.map(({ id, state }) => [id, state]).sort()).toEqual(messages.map(({ id }) => [id, 'sent']).sort());
    await courier.finish();
  });
});
