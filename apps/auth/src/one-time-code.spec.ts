import { describe, expect, it } from 'vitest';
import { newCode, unusedWindows, waitFor } from './one-time-code.ts';

describe('another code for a number', () => {
  it('waits 30, 60, then 120 seconds while none is used, and not after one was', () => {
    expect([waitFor([], 1), waitFor([10], 1), waitFor([10, 50], 1), waitFor([10, 80, 200], 1)]).toEqual([0, 20, 50, 110]);
    expect([waitFor([31], 1), waitFor([61, 100], 1), waitFor([121, 200, 300], 1)]).toEqual([0, 0, 0]);
  });

  it('waits for the next day after five', () => {
    expect(waitFor([200, 400, 800, 1_000, 2_000], 1)).toBe(84_400);
    expect(waitFor([200, 400, 800, 1_000, 2_000], 1_000)).toBe(0);
  });
});

describe('a code', () => {
  it('has six digits, leading zeros too', () => {
    const codes = Array.from({ length: 2_000 }, newCode);
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(codes.some((code) => code.startsWith('0'))).toBe(true);
  });

  it('is counted by address, network and block of numbers, and by device only where one is named', () => {
    const keys = (device?: string): string[] => unusedWindows('+919876543210', { ip: '203.0.113.7', device }).map(({ key }) => key);
    expect(keys()).toEqual(['otp:address:203.0.113.7', 'otp:network:203.0.113.0/24', 'otp:block:+91987654']);
    expect(keys('a'.repeat(20))).toHaveLength(4);
  });
});
