import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TypingTimers } from './typing-timers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('typing that is switched on and off is told of every two seconds at most, and what lasts is told', () => {
  const told: boolean[] = [];
  const timers = new TypingTimers<object>((_threadId, _userId, typing) => told.push(typing));
  for (let time = 0; time < 5; time += 1) {
    timers.started('thread', 'asha', {});
    timers.ended('thread', 'asha');
  }
  expect(told).toEqual([true, false]);
  timers.started('thread', 'asha', {});
  expect(timers.isFresh('thread', 'asha')).toBe(false);
  vi.advanceTimersByTime(2_100);
  expect(told).toEqual([true, false, true]);
  vi.advanceTimersByTime(6_000);
  expect(told).toEqual([true, false, true, false]);
});
