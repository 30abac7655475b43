import { getMetadataStorage, validateSync } from 'class-validator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authApi } from './auth/api.ts';
import { cartApi } from './cart/api.ts';
import type { AnyContract } from './contract.ts';
import { couponApi } from './coupon/api.ts';
import { gatewayApi } from './gateway/api.ts';
import { orderApi } from './order/api.ts';
import { paymentApi } from './payment/api.ts';
import { productApi } from './product/api.ts';
import { isKnown, keepsItsRules } from './quick-check.ts';
import { type Class, shapeOf } from './schema.ts';

const contracts: readonly AnyContract[] = [authApi, cartApi, couponApi, gatewayApi, orderApi, paymentApi, productApi];
const inputs = new Set(
  contracts.flatMap(({ operations, events }) => [
    ...Object.values(operations).map((operation) => operation.in),
    ...Object.values(events).map((event) => event.data),
  ]),
);

/** Values that rules tell apart, and near misses of each. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    '018f0000-0000-7000-8000-000000000000',
    '018F0000-0000-7000-8000-00000000000G',
    'asha@example.in',
    'asha@',
    '+919812345678',
    '560001',
    'Karnataka',
    'customer',
    'razorpay',
    'percent',
    'fixed',
    'newest',
    'restock',
    '2026-11-30T00:00:00Z',
    '2026-11-30',
    '\u200b',
    'IN',
    'INR',
    '',
    ' ',
    0,
    1,
    20,
    21,
    -1,
    1.5,
    Number.NaN,
    true,
    false,
    null,
    undefined,
  ),
  fc.string({ maxLength: 40 }),
  fc.integer(),
);

/** An instance with its class' members, each fitting or not; now and then one too many. */
const instanceOf = (type: Class, depth = 0): fc.Arbitrary<object> => {
  const members = [...shapeOf(type).byName].map(([name, { nested }]) => {
    const one = nested === undefined || depth > 2 ? leaf : fc.oneof(leaf, instanceOf(nested, depth + 1));
    return [name, fc.oneof(one, fc.array(one, { maxLength: 3 }))] as const;
  });
  return fc
    .record({ ...Object.fromEntries(members), ...(depth === 0 ? { stranger: leaf } : {}) }, { requiredKeys: [] })
    .map((given) => Object.assign(new type(), given));
};

const isValid = (instance: object): boolean =>
  validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false, stopAtFirstError: true }).length === 0;

describe('the quick check', () => {
  it.each([...inputs].map((type) => [type.name, type] as const))('judges %s as class-validator does', (_, type) => {
    fc.assert(
      fc.property(instanceOf(type), (instance) => {
        expect(keepsItsRules(type, instance)).toBe(isValid(instance));
      }),
      { numRuns: 300 },
    );
  });

  it.each([...inputs].map((type) => [type.name, type] as const))('knows every kind of rule in %s', (_, type) => {
    for (const one of shapeOf(type).classes)
      expect(
        getMetadataStorage()
          .getTargetValidationMetadatas(one, '', false, false)
          .filter((rule) => !isKnown(rule)),
      ).toEqual([]);
  });
});
