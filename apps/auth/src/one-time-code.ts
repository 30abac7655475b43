import { randomInt } from 'node:crypto';
import { limitedAddress, networkOf } from '#libs/auth/network-address';

export const CODE_SECONDS = 300;
export const CODE_TRIES = 5;
/** To one number in a day, of those that nobody used. */
export const CODES_A_DAY = 5;
/** Days after which a number may have been given to somebody else: operators in India wait 90. */
export const RECYCLED_AFTER_DAYS = 90;

/** Seconds before the next code may leave, by how many left within a day that nobody used. */
const PAUSES = [30, 60, 120];

/** A code is good for this request and this number alone. */
export const boundTo = (requestId: string, phone: string): string => `${requestId} ${phone}`;

export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

export const pauseAfter = (unused: number): number => PAUSES[Math.min(unused, PAUSES.length) - 1] ?? 0;

/**
 * Seconds until another code may leave to a number; 0 when it may now. `ages`: how many seconds ago the codes of the last day left that nobody
 * used, the newest first. `scale` multiplies the limits.
 */
export function waitFor(ages: readonly number[], scale: number): number {
  const oldest = ages[Math.max(1, Math.floor(CODES_A_DAY * scale)) - 1];
  const newest = ages[0];
  const untilTomorrow = oldest === undefined ? 0 : 86_400 - oldest;
  const pause = newest === undefined ? 0 : pauseAfter(ages.length) / scale - newest;
  return Math.max(0, untilTomorrow, pause);
}

/** Numbers are sold in blocks, and a script counts through one. */
const blockOf = (phone: string): string => phone.slice(0, 9);

/**
 * What every code is counted by, used or not: who uses them in a loop would empty the budget of the day. More than any person needs, and for an
 * address what the thousands behind one of a mobile network do.
 */
export function sentWindows(phone: string, { ip, device }: { ip: string; device: string | undefined }) {
  const day = 86_400;
  return [
    { key: `otp:sent:number:${phone}`, limit: 20, seconds: day },
    { key: `otp:sent:address:${limitedAddress(ip)}`, limit: 1_000, seconds: day },
    ...(device === undefined ? [] : [{ key: `otp:sent:device:${device}`, limit: 30, seconds: day }]),
  ];
}

/**
 * What codes that nobody used are counted by as well. One that was used is taken back: behind one address of a mobile network stand thousands of
 * people who use theirs, and a script that wants SMS to leave uses none.
 */
export function unusedWindows(phone: string, client: { ip: string; device: string | undefined }) {
  const { ip, device } = client;
  const hour = 3_600;
  return [
    { key: `otp:address:${limitedAddress(ip)}`, limit: 30, seconds: hour },
    { key: `otp:network:${networkOf(ip) ?? ''}`, limit: 100, seconds: hour },
    { key: `otp:block:${blockOf(phone)}`, limit: 40, seconds: hour },
    // A device's name is its own word, so this only adds to the others.
    ...(device === undefined ? [] : [{ key: `otp:device:${device}`, limit: 10, seconds: 24 * hour }]),
  ];
}
