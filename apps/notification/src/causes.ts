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
  /** What a reader is told of within `DIGEST_SECONDS` leaves as one message; in the list it is one entry while that is unread. */
  readonly digest?: true;
  /** What its texts may have as `{{variable}}` beside `name`, the reader's. */
  readonly variables: readonly string[];
  /** What none of its texts may lack. */
  readonly needs?: readonly string[];
}

const [P, E, S, I] = ['push', 'email', 'sms', 'in_app'] as const;
const PEI = [P, E, I] as const;
const PESI = [P, E, S, I] as const;

const secret = { category: 'account', lane: 'otp', always: true } as const;
const account = { category: 'account', lane: 'transactional', channels: PEI } as const;
const order = {
  category: 'orders',
  lane: 'transactional',
  channels: PEI,
  variables: ['number', 'total', 'link'],
  needs: ['number'],
} as const;
const wishlist = {
  category: 'wishlist',
  lane: 'transactional',
  channels: PEI,
  digest: true,
  variables: ['product', 'price', 'others', 'link'],
} as const;
const promotion = { category: 'promotions', lane: 'bulk', channels: PEI } as const;

/** What the shop tells people: a line for each template, whose texts are in `texts/`. A service that comes later adds its lines. */
export const CAUSES = {
  otp: { ...secret, channels: [S], variables: ['code', 'minutes'], needs: ['code'] },
  email_verification: { ...secret, channels: [E], variables: ['link', 'hours'], needs: ['link'] },
  staff_invitation: { ...secret, channels: [E], variables: ['link', 'hours'], needs: ['link'] },
  password_reset: { ...secret, channels: [E], variables: ['link', 'minutes'], needs: ['link'] },
  password_changed: { ...account, variables: ['at'] },
  new_sign_in: { ...account, lane: 'otp', variables: ['at'] },
  session_replay: { ...account, variables: ['at'] },
  referral_reward: { ...account, variables: ['amount', 'coupon', 'code', 'link'] },
  feedback_status: { ...account, variables: ['status', 'link'] },
  feedback_reply: { ...account, variables: ['link'] },
  review_updated: { ...account, variables: ['change'] },
  staff_alert: { ...account, variables: ['matter', 'subject'] },

  order_confirmed: { ...order, channels: PESI, variables: [...order.variables, 'invoice'] },
  order_shipped: { ...order, channels: PESI, variables: [...order.variables, 'tracking'] },
  order_delivered: { ...order, channels: PESI },
  refund_processed: { ...order, channels: PESI, variables: [...order.variables, 'amount'] },
  order_out_for_delivery: order,
  order_cancelled: order,
  order_expired: order,
  return_updated: { ...order, variables: [...order.variables, 'change'] },
  late_payment: { ...order, variables: [...order.variables, 'change'] },
  payment_failed: { ...order, channels: [P, I], delay: 300 },

  chat_unread: { category: 'chat', lane: 'transactional', channels: [P, I], variables: ['count'] },

  back_in_stock: wishlist,
  price_drop: wishlist,

  cart_abandoned: { ...promotion, variables: ['items', 'link'] },
  review_request: { ...promotion, variables: ['link'] },
  coupon_issued: { ...promotion, variables: ['code', 'until', 'link'], needs: ['code'] },
} as const satisfies Record<string, Cause>;

export type Template = keyof typeof CAUSES;
export const TEMPLATES = Object.keys(CAUSES) as readonly Template[];

export const isTemplate = (key: string): key is Template => Object.hasOwn(CAUSES, key);
export const causeOf = (template: Template): Cause => CAUSES[template];
