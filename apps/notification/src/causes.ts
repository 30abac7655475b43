import type { Category, Channel } from '#libs/contracts/notification/views';

/** Each lane has workers of its own, so that a campaign never stands before a sign-in code. */
export const LANES = ['otp', 'transactional', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

export interface Cause {
  readonly category: Category;
  readonly channels: readonly Channel[];
  readonly lane: Lane;
  /** Sent whatever the preferences say. */
  readonly always?: true;
  /** Seconds between the event and the message. */
  readonly delay?: number;
  /** What its texts may have as `{{variable}}` beside `name`, the reader's. */
  readonly variables: readonly string[];
  /** What none of its texts may lack. */
  readonly needs?: readonly string[];
}

const P = 'push';
const E = 'email';
const S = 'sms';
const I = 'in_app';

const account = { category: 'account', lane: 'transactional' } as const;
const secret = { category: 'account', lane: 'otp', always: true } as const;
const orders = { category: 'orders', lane: 'transactional', variables: ['number', 'total'], needs: ['number'] } as const;

/** What the shop tells people, by template: one line each, with its texts in `texts/`. */
export const CAUSES = {
  otp: { ...secret, channels: [S], variables: ['code', 'minutes'], needs: ['code'] },
  email_verification: { ...secret, channels: [E], variables: ['link', 'hours'], needs: ['link'] },
  password_reset: { ...secret, channels: [E], variables: ['link', 'minutes'], needs: ['link'] },
  staff_invitation: { ...secret, channels: [E], variables: ['link', 'hours'], needs: ['link'] },
  new_sign_in: { ...account, lane: 'otp', channels: [P, E, I], variables: ['at'] },
  password_changed: { ...account, channels: [P, E, I], variables: ['at'] },
  session_replay: { ...account, channels: [P, E, I], variables: ['at'] },
  order_confirmed: { ...orders, channels: [P, E, S, I], variables: [...orders.variables, 'link', 'invoice'] },
} as const satisfies Record<string, Cause>;

export type Template = keyof typeof CAUSES;
export const TEMPLATES = Object.keys(CAUSES) as readonly Template[];

export const isTemplate = (key: string): key is Template => Object.hasOwn(CAUSES, key);
export const causeOf = (template: Template): Cause => CAUSES[template];
