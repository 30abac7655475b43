import { expect, it } from 'vitest';
import { Envelopes } from './envelope.ts';
import { Seals } from './seals.ts';

const [old, present, foreign] = [
  'the secret of last month, long enough',
  'the secret of this month, long enough',
  'a secret that somebody made up',
];
const seals = new Seals({ present, previous: old });

it('opens what it has sealed, at its own place only', () => {
  const sealed = seals.seal('replicas of order', '{"a":1}');
  expect(seals.open('replicas of order', sealed)).toBe('{"a":1}');
  expect(seals.open('replicas of auth', sealed)).toBeUndefined();
  expect(seals.open('replicas of order', sealed.replace('1', '2'))).toBeUndefined();
});

it.each([null, undefined, '', '.', 'no seal', '{"a":1}', 'AAAA.{}', new Seals({ present: foreign }).seal('here', 'x')])(
  'takes %j for nothing',
  (entry) => {
    expect(seals.open('here', entry)).toBeUndefined();
  },
);

it('believes the secret before, and signs with the present one', () => {
  expect(seals.open('here', new Seals({ present: old }).seal('here', 'x'))).toBe('x');
  expect(new Seals({ present: old, previous: present }).open('here', seals.seal('here', 'x'))).toBe('x');
  expect(new Seals({ present: old }).open('here', seals.seal('here', 'x'))).toBeUndefined();
});

it('does the same for messages', () => {
  const header = { id: '1', from: 'order' };
  const message = new Envelopes(new Seals({ present: old })).seal(header, 'body');
  expect(new Envelopes(seals).open(message)).toEqual({ header, body: Buffer.from('body') });
  expect(new Envelopes(new Seals({ present })).open(message)).toBeUndefined();
});
