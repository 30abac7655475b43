import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 with what every authenticator app knows: SHA-1, six digits, thirty seconds. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226 asks for 160 bits. */
const SECRET_BYTES = 20;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const newSecret = (): Buffer => randomBytes(SECRET_BYTES);

export const stepAt = (now: number): number => Math.floor(now / STEP_MS);

export function codeOfStep(secret: Buffer, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The step that a code is of: this one, or the one before or after it, for clocks differ. */
export function stepOf(secret: Buffer, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const current = stepAt(now);
  return [current, current - 1, current + 1].find((step) => timingSafeEqual(Buffer.from(codeOfStep(secret, step)), Buffer.from(code)));
}

/** RFC 4648 without padding, as apps take it. */
export function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** What the app's camera reads from a QR code. */
export function otpauthUrl(secret: Buffer, account: string): string {
  return `otpauth://totp/Only2U:${encodeURIComponent(account)}?secret=${base32(secret)}&issuer=Only2U&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1_000}`;
}

/** Letters and digits that are not taken for one another. */
const LEGIBLE = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
export const RECOVERY_CODES = 10;
const HALF = 5;

/** `7KQ2M-XW9PD`: 49 bits. */
export function newRecoveryCode(): string {
  let code = '';
  while (code.length < 2 * HALF) {
    for (const byte of randomBytes(16)) {
      // Every letter equally likely: what lies beyond the last whole round is left out.
      if (byte < 256 - (256 % LEGIBLE.length) && code.length < 2 * HALF) code += LEGIBLE[byte % LEGIBLE.length];
    }
  }
  return `${code.slice(0, HALF)}-${code.slice(HALF)}`;
}

/** As it is compared: people leave the hyphen out and write small letters. */
export const recoveryCodeOf = (typed: string): string => typed.toUpperCase().replace(/[^A-Z0-9]/g, '');
