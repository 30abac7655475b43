import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES } from '#libs/contracts/order/views';
import { DeviceHashes } from './device-hashes.ts';
import { referralEnv } from './referral.env.ts';
import { codeOf, newCode, type OrderRow, standingOf, statusOf, tellsConfirmation } from './referral.ts';

const anOrder = (fields: Partial<OrderRow> = {}): OrderRow => ({
  ...{ id: '1', status: 'confirmed', kept: 100, has_open_return: false, was_confirmed: true, delivered_at: null, ...fields },
});
const at = (minute: number): Date => new Date(minute * 60_000);

describe('a code', () => {
  it('is the same in small letters, with blanks and with hyphens of any kind', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(' ', '-', '–', '\t', ''), { minLength: 9, maxLength: 9 }), (between) => {
        const code = newCode();
        return codeOf([...code.toLowerCase()].map((letter, index) => `${between[index]}${letter}`).join('')) === code;
      }),
    );
  });

  it('uses every letter and digit', () => {
    const drawn = new Set(Array.from({ length: 1_000 }, newCode).join(''));
    expect([...drawn].sort().join('')).toBe('23456789ABCDEFGHJKMNPQRSTVWXYZ');
  });
});

describe('a device', () => {
  const hashes = (DEVICE_KEY: string, DEVICE_KEY_PREVIOUS?: string): string[] =>
    new DeviceHashes(referralEnv.read({ DEVICE_KEY, ...(DEVICE_KEY_PREVIOUS === undefined ? {} : { DEVICE_KEY_PREVIOUS }) })).of(
      'device-0123456789',
    );

  it('is known by a hash that nobody makes without the key, and still known while the key changes', () => {
    const [old = '', fresh = ''] = [hashes('a'.repeat(48))[0], hashes('b'.repeat(48))[0]];
    expect(old).not.toBe(fresh);
    expect(hashes('b'.repeat(48), 'a'.repeat(48))).toEqual([fresh, old]);
  });
});

describe('a referral', () => {
  it('is joined without an order, or with orders that were never confirmed or came to nothing', () => {
    const over = (['cancelled', 'expired', 'returned_to_origin'] as const).map((status) => anOrder({ status }));
    const unpaid = anOrder({ status: 'pending_payment', was_confirmed: false });
    for (const orders of [[], [unpaid], over]) expect(standingOf(orders, 1)).toEqual({ stage: 'joined', order: undefined });
  });

  it('is ordered by the first order that has not come to nothing', () => {
    const orders = [anOrder({ id: '3' }), anOrder({ id: '2', status: 'packed', kept: 0 }), anOrder({ id: '1', status: 'cancelled' })];
    expect(standingOf(orders, 1)).toEqual({ stage: 'ordered', order: orders[1] });
  });

  it('is decided by the first delivery, whichever was ordered first', () => {
    const orders = [anOrder({ id: '1', delivered_at: at(5) }), anOrder({ id: '2', status: 'returned', kept: 60, delivered_at: at(4) })];
    expect(standingOf(orders, 60)).toEqual({ stage: 'delivered', order: orders[1] });
    expect(standingOf(orders, 61).stage).toBe('cancelled');
  });

  it('is shown as held while a reward may still come', () => {
    expect(statusOf({ stage: 'delivered', is_held: true })).toBe('held');
    expect(statusOf({ stage: 'cancelled', is_held: true })).toBe('cancelled');
  });
});

it('an order was confirmed when it is, or was before, in a status that only confirmed ones come to', () => {
  expect(ORDER_STATUSES.filter((status) => !tellsConfirmation('pending_payment', status))).toEqual([
    'pending_payment',
    'cancelled',
    'expired',
  ]);
  expect(tellsConfirmation('packed', 'cancelled')).toBe(true);
});
