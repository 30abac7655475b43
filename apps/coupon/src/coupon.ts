import { randomInt } from 'node:crypto';
import type { AppliesTo, BuyRule, Coupon, CouponKind, GetRule } from '#libs/contracts/coupon/views';
import { withoutInvisible } from '#libs/contracts/spellings';

/** The rules of a coupon that no statement looks at. */
export interface Rules {
  readonly buy?: BuyRule;
  readonly get?: GetRule;
  /** Paise. */
  readonly maxDiscount?: number;
  /** Paise. */
  readonly minSubtotal?: number;
  readonly appliesTo?: AppliesTo;
  readonly firstOrderOnly?: boolean;
  readonly paymentMethods?: readonly string[];
}

/** A coupon as it is stored; amounts in paise. */
export interface CouponRow {
  readonly id: string;
  /** Normalised. */
  readonly code: string;
  readonly kind: CouponKind;
  readonly value: number;
  readonly rules: Rules;
  readonly user_ids: readonly string[] | null;
  /** Who was told that it is theirs. */
  readonly told_user_ids: readonly string[];
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly usage_limit: number | null;
  readonly per_user_limit: number | null;
  readonly budget: number | null;
  readonly automatic: boolean;
  readonly stackable: boolean;
  readonly public: boolean;
  readonly active: boolean;
  readonly withdrawn_at: Date | null;
  readonly created_at: Date;
  /** Orders that hold or have used it. */
  readonly uses: number;
  /** Their discounts. */
  readonly spent: number;
}

/** Letter case, spaces and what cannot be seen do not count. */
export const normalised = (code: string): string => withoutInvisible(code).replaceAll(/\s/g, '').toUpperCase();
/** What a normalised code can look like; anything else is no code, and some of it Postgres would not even take. */
export const CODE = /^[A-Z0-9_-]{3,40}$/;

/** No letters and digits that are taken for each other. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
/** 31 to the 13th is above 2 to the 64th. */
const RANDOM_CHARACTERS = 13;

export const randomCode = (prefix = ''): string =>
  prefix.toUpperCase() + Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** `withUsers`: for admins, and for the users named. */
export function couponOf(row: CouponRow, withUsers: boolean): Coupon {
  const { buy, get, maxDiscount, minSubtotal, appliesTo, firstOrderOnly, paymentMethods } = row.rules;
  return {
    id: row.id,
    code: row.code,
    kind: row.kind,
    value: row.value,
    ...(buy && { buy }),
    ...(get && { get }),
    ...(maxDiscount !== undefined && { maxDiscount }),
    ...(minSubtotal !== undefined && { minSubtotal }),
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    ...(row.usage_limit !== null && { usageLimit: row.usage_limit }),
    ...(row.per_user_limit !== null && { perUserLimit: row.per_user_limit }),
    ...(row.budget !== null && { budget: row.budget }),
    ...(appliesTo && { appliesTo }),
    ...(firstOrderOnly === true && { firstOrderOnly }),
    ...(withUsers && row.user_ids !== null && { userIds: [...row.user_ids] }),
    ...(paymentMethods && { paymentMethods: [...paymentMethods] }),
    automatic: row.automatic,
    stackable: row.stackable,
    public: row.public,
    active: row.active,
  };
}
