/** India is five and a half hours ahead of UTC, all year. */
const IST_MS = 5.5 * 3_600_000;
const inIndia = (at: Date): Date => new Date(at.getTime() + IST_MS);

/** `2026-11-24`, the day in India. */
export const indianDay = (at: Date): string => inIndia(at).toISOString().slice(0, 10);

/** `24 Nov 2026`, the day in India. */
export const indianDate = (iso: string): string =>
  new Date(iso).toLocaleDateString('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'Asia/Kolkata' });

/** `26-27`: April to March, by Indian time. */
export function financialYear(at: Date): string {
  const local = inIndia(at);
  const first = local.getUTCMonth() >= 3 ? local.getUTCFullYear() : local.getUTCFullYear() - 1;
  return [first, first + 1].map((year) => String(year % 100).padStart(2, '0')).join('-');
}
