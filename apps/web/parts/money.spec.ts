import { describe, expect, it } from 'vitest';
import { paiseOf, percentOff, rupees } from './money.ts';

describe('money', () => {
  it('groups rupees the Indian way and shows paise only where there are some', () => {
    expect([rupees(0), rupees(49_900), rupees(1_09_900_00), rupees(1_23_45_678_05)]).toEqual([
      '₹0',
      '₹499',
      '₹1,09,900',
      '₹1,23,45,678.05',
    ]);
    expect([rupees(-49_900), rupees(-179_70)]).toEqual(['−₹499', '−₹179.70']);
  });

  it('never promises more off than is given', () => {
    expect([percentOff(66_700, 1_00_000), percentOff(1_00_000, 1_00_000), percentOff(99_999, 1_00_000)]).toEqual([33, 0, 0]);
  });

  it('reads rupees as people type them, to the paisa, and takes nothing else for an amount', () => {
    expect(['1,299.50', '₹ 500', '0.5', '12', '10.07'].map(paiseOf)).toEqual([1_299_50, 500_00, 50, 12_00, 10_07]);
    expect(['10,00,00,000', '1,000,000', '123456789'].map(paiseOf)).toEqual([10_00_00_000_00, 10_00_000_00, 12_34_56_789_00]);
    const others = ['', '-1', '1.234', '1e3', 'ten', ',', '50,00', '1,2', '1,23,4', ',500', '5,', '10,0000', '1234567890123'];
    expect(others.map(paiseOf)).toEqual(others.map(() => undefined));
  });
});
