import { expect, it } from 'vitest';
import { Refusal } from '#libs/contracts/errors';
import { Passwords } from './passwords.ts';

it('checks two passwords at a time, lets a hundred wait and refuses the next', async () => {
  const passwords = new Passwords();
  const outcomes = await Promise.allSettled(Array.from({ length: 105 }, () => passwords.hash('seven green parrots')));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(3);
  for (const outcome of refused)
    expect((outcome as PromiseRejectedResult).reason).toSatisfy((error) => error instanceof Refusal && error.code === 'unavailable');
  expect(await passwords.matches(await passwords.hash('a'), 'a')).toBe(true);
  // A hundred real hashes, two at a time: on a busy machine that takes minutes.
}, 240_000);

it('matches nothing against an account that is not there, not even what its decoy was made from', async () => {
  expect(await new Passwords().matches(undefined, 'nobody has this password')).toBe(false);
});
