import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EnvironmentError, type Source } from '#libs/runtime/environment';
import { paymentEnv } from './payment.env.ts';

const live = {
  NODE_ENV: 'production',
  RAZORPAY_KEY_ID: 'rzp_live_0123456789abcd',
  RAZORPAY_KEY_SECRET: randomBytes(32).toString('hex'),
  RAZORPAY_WEBHOOK_SECRET: randomBytes(32).toString('hex'),
  INSTRUMENT_KEY: randomBytes(32).toString('hex'),
};
const problemsOf = (source: Source): readonly string[] => {
  try {
    paymentEnv.read(source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
};

describe('in production', () => {
  it('a live key at the real Razorpay is taken', () => {
    expect(problemsOf(live)).toEqual([]);
    expect(problemsOf({ ...live, RAZORPAY_BASE_URL: 'https://api.razorpay.com' })).toEqual([]);
  });

  it.each([
    ['RAZORPAY_BASE_URL', { RAZORPAY_BASE_URL: 'http://api.razorpay.com' }],
    ['RAZORPAY_BASE_URL', { RAZORPAY_BASE_URL: 'http://razorpay-sim:3090', RAZORPAY_TEST_MODE: 'true' }],
    ['RAZORPAY_BASE_URL', { RAZORPAY_BASE_URL: 'https://razorpay-sim.internal' }],
    ['RAZORPAY_BASE_URL', { RAZORPAY_BASE_URL: 'https://razorpay.com.evil.example' }],
    ['RAZORPAY_CHECKOUT_URL', { RAZORPAY_CHECKOUT_URL: 'https://razorpay-sim.internal' }],
    ['RAZORPAY_KEY_ID', { RAZORPAY_KEY_ID: 'rzp_test_0123456789abcd' }],
    ['RAZORPAY_WEBHOOK_SECRET', { RAZORPAY_WEBHOOK_SECRET: live.RAZORPAY_KEY_SECRET }],
    ['RAZORPAY_WEBHOOK_SECRET_PREVIOUS', { RAZORPAY_WEBHOOK_SECRET_PREVIOUS: live.RAZORPAY_KEY_SECRET }],
  ])('%s is refused where it is no production (%#)', (name, change) => {
    const problems = problemsOf({ ...live, ...change });
    expect(problems.join()).toContain(name);
    expect(problems.join()).not.toContain(live.RAZORPAY_KEY_SECRET);
  });

  it('a test key and another Razorpay are taken where the variable says that they are meant', () => {
    const staging = { RAZORPAY_KEY_ID: 'rzp_test_0123456789abcd', RAZORPAY_BASE_URL: 'https://razorpay-sim.internal' };
    expect(problemsOf({ ...live, ...staging, RAZORPAY_TEST_MODE: 'true' })).toEqual([]);
  });
});

it('outside production all of that is fine', () => {
  expect(
    problemsOf({
      ...live,
      NODE_ENV: 'development',
      RAZORPAY_BASE_URL: 'http://127.0.0.1:3090',
      RAZORPAY_KEY_ID: 'rzp_test_0123456789abcd',
    }),
  ).toEqual([]);
});
