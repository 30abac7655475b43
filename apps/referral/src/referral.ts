import { randomInt } from 'node:crypto';
import type { OrderStatus } from '#libs/contracts/order/views';
import type { Referral, ReferralStatus } from '#libs/contracts/referral/views';

/** How far a referral is; that it is held stands beside it. */
export type Stage = Exclude<ReferralStatus, 'held'>;

/** A referral as it is stored. */
export interface ReferralRow {
  readonly id: string;
  readonly referrer_id: string;
  readonly referee_id: string;
  readonly joined_at: Date;
  readonly stage: Stage;
  readonly is_held: boolean;
  readonly order_id: string | null;
  readonly checked_order_id: string | null;
  readonly vests_at: Date | null;
  readonly welcome_value: number;
  readonly welcome_coupon_id: string | null;
  readonly welcome_code: string | null;
  readonly welcome_ends_at: Date | null;
}

/** An order of a friend as it is stored. */
export interface OrderRow {
  readonly id: string;
  readonly status: OrderStatus;
  readonly kept: number;
  readonly has_open_return: boolean;
  readonly was_confirmed: boolean;
  readonly delivered_at: Date | null;
}

/** Letters and digits that nobody takes for another. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const CODE_LENGTH = 9;

export const newCode = (): string => Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** As it is kept; people write it in small letters and in groups. */
export const codeOf = (given: string): string => given.replace(/[\s\p{Pd}]/gu, '').toUpperCase();

/** Name of somebody whose account is gone. */
export const DELETED = 'Deleted';

export const firstNameOf = (name: string): string => name.trim().split(/\s+/u)[0] ?? '';

const OPEN: readonly Stage[] = ['joined', 'ordered', 'delivered'];
/** Whether a reward may still come. */
export const isOpen = ({ stage }: Pick<ReferralRow, 'stage'>): boolean => OPEN.includes(stage);

export const statusOf = (row: Pick<ReferralRow, 'stage' | 'is_held'>): ReferralStatus => (row.is_held && isOpen(row) ? 'held' : row.stage);

export function referralOf(row: ReferralRow): Referral {
  const { welcome_code: code, welcome_ends_at: endsAt } = row;
  return {
    referralId: row.id,
    status: statusOf(row),
    welcomeCoupon:
      code === null || endsAt === null ? null : { code, kind: 'fixed', value: row.welcome_value, endsAt: endsAt.toISOString() },
  };
}

const OVER: readonly OrderStatus[] = ['cancelled', 'expired', 'returned_to_origin'];
const BEFORE_CONFIRMED: readonly OrderStatus[] = ['pending_payment', 'cancelled', 'expired'];
/** Whether an order that is, or was before its last change, in one of these must have been confirmed. */
export const tellsConfirmation = (...statuses: readonly OrderStatus[]): boolean =>
  statuses.some((status) => !BEFORE_CONFIRMED.includes(status));

/** Where an open referral stands by all orders of the friend. */
export interface Standing {
  readonly stage: 'joined' | 'ordered' | 'delivered' | 'cancelled';
  /** The order that counts. */
  readonly order: OrderRow | undefined;
}

/** The first delivered order decides; before that the first confirmed one counts that has not come to nothing. */
export function standingOf(orders: readonly OrderRow[], minOrder: number): Standing {
  const delivered = orders.filter(({ delivered_at }) => delivered_at !== null).sort(byDelivery)[0];
  if (delivered !== undefined) return { stage: delivered.kept < minOrder ? 'cancelled' : 'delivered', order: delivered };
  const order = orders.filter(({ was_confirmed, status }) => was_confirmed && !OVER.includes(status)).sort(byAge)[0];
  return { stage: order === undefined ? 'joined' : 'ordered', order };
}

/** Ids of orders begin with the time that they were placed at. */
const byAge = (one: OrderRow, other: OrderRow): number => (one.id < other.id ? -1 : 1);
const byDelivery = (one: OrderRow, other: OrderRow): number =>
  (one.delivered_at?.getTime() ?? 0) - (other.delivered_at?.getTime() ?? 0) || byAge(one, other);
