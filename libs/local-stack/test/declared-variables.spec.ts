import { expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';
import { serviceOf, services } from '#libs/runtime/topology';
import { judgeDeclaredVariables } from '../declared-variables.ts';

it('tells of every missing variable of every service at once, before anything starts', async () => {
  const judged = judgeDeclaredVariables(cloneRoot(), services, { NODE_ENV: 'production' });
  await expect(judged).rejects.toThrow(/SELLER_NAME[\s\S]*SELLER_GSTIN/);
  await expect(judged).rejects.toThrow(/RAZORPAY_KEY_ID/);
});

it('has nothing to say of a service that needs nothing', async () => {
  await judgeDeclaredVariables(cloneRoot(), [serviceOf('coupon'), serviceOf('product')], { NODE_ENV: 'production' });
});
