import { CATEGORIES, type Category, CHANNELS, type Channel, type Locale } from '#libs/contracts/notification/views';

export interface QuietHours {
  /** `HH:MM`, in the reader's zone. */
  readonly from: string;
  readonly to: string;
}

/** Cells that a reader changed, as `wishlist.email`. */
export type Choices = Readonly<Record<string, boolean>>;

export interface Preferences {
  readonly choices: Choices;
  readonly quietHours: QuietHours | null;
  readonly timeZone: string;
  readonly locale: Locale;
  readonly updatedAt: Date;
}

const cells = (push: boolean, email: boolean, sms: boolean): Readonly<Record<Channel, boolean>> => ({ push, email, sms, in_app: true });

/** What is on for a reader who has changed nothing. */
export const MATRIX: Readonly<Record<Category, Readonly<Record<Channel, boolean>>>> = {
  account: cells(true, true, true),
  orders: cells(true, true, true),
  chat: cells(true, false, false),
  wishlist: cells(true, true, false),
  promotions: cells(false, false, false),
};

/** What cannot be switched off. */
export const LOCKED: readonly string[] = ['account.email', 'account.in_app', 'orders.in_app'];

export const DEFAULTS: Preferences = {
  choices: {},
  quietHours: { from: '21:00', to: '10:00' },
  timeZone: 'Asia/Kolkata',
  locale: 'en',
  updatedAt: new Date(0),
};

export const cellOf = (category: Category, channel: Channel): string => `${category}.${channel}`;

export const isOn = ({ choices }: Preferences, category: Category, channel: Channel): boolean =>
  LOCKED.includes(cellOf(category, channel)) || (choices[cellOf(category, channel)] ?? MATRIX[category][channel]);

/** Every cell, as it is for this reader. */
export const cellsOf = (preferences: Preferences): Record<Category, Record<Channel, boolean>> =>
  Object.fromEntries(
    CATEGORIES.map((category) => [
      category,
      Object.fromEntries(CHANNELS.map((channel) => [channel, isOn(preferences, category, channel)])),
    ]),
    // One entry for each category and channel, by construction.
  ) as Record<Category, Record<Channel, boolean>>;

const DAY = 1_440;

/** Minutes until the quiet hours end; 0 outside them. */
export function quietMinutes(quiet: QuietHours | null, timeZone: string, now: Date): number {
  if (quiet === null) return 0;
  const [from, to, at] = [minutesOf(quiet.from), minutesOf(quiet.to), minutesOf(clockIn(timeZone, now))];
  const isQuiet = from <= to ? from <= at && at < to : at >= from || at < to;
  return isQuiet ? (to - at + DAY) % DAY : 0;
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockIn(timeZone: string, now: Date): string {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
    clocks.set(timeZone, clock);
  }
  return clock.format(now);
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
