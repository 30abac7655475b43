import { describe, expect, it } from 'vitest';
import { base32, codeOfStep, newRecoveryCode, otpauthUrl, recoveryCodeOf, stepAt, stepOf } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');

describe('a code of an authenticator', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('is the one of RFC 6238 at %i seconds', (seconds, code) => {
    expect(codeOfStep(SECRET, stepAt(seconds * 1_000), 8)).toBe(code);
  });

  it('is taken in its step, the one before and the one after, and in no other', () => {
    const now = 1_795_000_015_000;
    const taken = [-2, -1, 0, 1, 2].map((ahead) => stepOf(SECRET, codeOfStep(SECRET, stepAt(now) + ahead), now));
    expect(taken).toEqual([undefined, stepAt(now) - 1, stepAt(now), stepAt(now) + 1, undefined]);
    expect([stepOf(SECRET, '12345', now), stepOf(SECRET, 'abcdef', now)]).toEqual([undefined, undefined]);
  });

  it('has a secret that apps read', () => {
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(base32(Buffer.from('f'))).toBe('MY');
    expect(otpauthUrl(SECRET, 'a b@example.com')).toBe(
      'otpauth://totp/Only2U:a%20b%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Only2U&algorithm=SHA1&digits=6&period=30',
    );
  });
});

describe('a recovery code', () => {
  it('is ten legible letters and digits, read however it is typed', () => {
    const code = newRecoveryCode();
    expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}$/);
    expect(recoveryCodeOf(` ${code.toLowerCase().replace('-', ' ')}`)).toBe(code.replace('-', ''));
  });
});
