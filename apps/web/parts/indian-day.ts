/** India is this far ahead of UTC all year. */
const AHEAD_MS = 19_800_000;
const DAY_MS = 86_400_000;

/** The day in India, as `2026-11-24`, so many days from now. */
export const indianDay = (days = 0): string => new Date(Date.now() + AHEAD_MS + days * DAY_MS).toISOString().slice(0, 10);

/** When a day begins in India, so many days after the one given. */
export const beginOf = (date: string, days = 0): string => new Date(Date.parse(`${date}T00:00:00+05:30`) + days * DAY_MS).toISOString();

/** What a `datetime-local` input says, as Indian time. */
export const momentIn = (local: string): string => new Date(`${local}:00+05:30`).toISOString();
