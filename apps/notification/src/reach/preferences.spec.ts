import { describe, expect, it } from 'vitest';
import { DEFAULTS, isOn, quietMinutes } from './preferences.ts';

const at = (clock: string): Date => new Date(`2026-03-14T${clock}:00+05:30`);

describe('quiet hours', () => {
  it.each([
    ['20:59', 0],
    ['21:00', 780],
    ['23:59', 601],
    ['00:00', 600],
    ['09:59', 1],
    ['10:00', 0],
  ])('from 21:00 to 10:00 are %s for another %i minutes', (clock, minutes) => {
    expect(quietMinutes({ from: '21:00', to: '10:00' }, 'Asia/Kolkata', at(clock))).toBe(minutes);
  });

  it('within a day end on the same day, and none are never', () => {
    expect(quietMinutes({ from: '13:00', to: '15:00' }, 'Asia/Kolkata', at('14:30'))).toBe(30);
    expect(quietMinutes({ from: '13:00', to: '15:00' }, 'Asia/Kolkata', at('15:00'))).toBe(0);
    expect(quietMinutes(null, 'Asia/Kolkata', at('23:00'))).toBe(0);
  });

  it('are those of the reader’s zone', () => {
    expect(quietMinutes({ from: '21:00', to: '10:00' }, 'Europe/London', at('23:00'))).toBe(0);
  });
});

describe('a locked cell', () => {
  it('is on whatever was written', () => {
    const all = { ...DEFAULTS, choices: { 'account.email': false, 'orders.in_app': false, 'orders.email': false } };
    expect([isOn(all, 'account', 'email'), isOn(all, 'orders', 'in_app'), isOn(all, 'orders', 'email')]).toEqual([true, true, false]);
  });
});
