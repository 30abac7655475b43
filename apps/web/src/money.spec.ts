import { describe, expect, it } from 'vitest';
import { percentOff, rupees } from './money.ts';

describe('money', () => {
  it('groups rupees the Indian way and shows paise only where there are some', () => {
    expect([rupees(0), rupees(49_900), rupees(1_09_900_00), rupees(1_23_45_678_05)]).toEqual([
      '₹0',
      '₹499',
      '₹1,09,900',
      '₹1,23,45,678.05',
    ]);
  });

  it('never promises more off than is given', () => {
    expect([percentOff(66_700, 1_00_000), percentOff(1_00_000, 1_00_000), percentOff(99_999, 1_00_000)]).toEqual([33, 0, 0]);
  });
});
