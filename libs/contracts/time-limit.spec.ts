import { expect, it } from 'vitest';
import { within } from './time-limit.ts';

const never = new Promise<string>(() => undefined);

it('gives what the work gives, also its failure', async () => {
  expect(await within(60_000, Promise.resolve('done'), () => 'late')).toBe('done');
  await expect(within(60_000, Promise.reject(new Error('broken')), () => 'late')).rejects.toThrow('broken');
});

it('gives or throws the answer for late work once the time is over', async () => {
  expect(await within(1, never, () => 'late')).toBe('late');
  const failing = within(1, never, () => {
    throw new Error('too late');
  });
  await expect(failing).rejects.toThrow('too late');
});

it('leaves a failure that comes after the limit to nobody', async () => {
  const failure = Promise.withResolvers<string>();
  expect(await within(1, failure.promise, () => 'late')).toBe('late');
  failure.reject(new Error('after the limit'));
  await new Promise((resolve) => setImmediate(resolve));
});
