import { hash } from 'node:crypto';
import type { Cart, CartItem, CouponProblem } from '#libs/contracts/cart/views';

import type { Basket, Discounts } from '#libs/contracts/coupon/messages';
import type { Quote } from '#libs/contracts/product/messages';
import { type Availability, availabilityOf } from '#libs/contracts/product/views';
import { millisecondsOf } from '#libs/persistence/retention';
import { priceBasket, type ShippingRule } from '#libs/pricing/basket';
import { basketLineOf } from '#libs/pricing/order-lines';
import { retention } from '../migrations/cart.retention.ts';

/** What a line was last written with: shown when the variant is gone, and what `changes` is measured against. */
export interface Snapshot {
  readonly productId: string;
  readonly name: string;
  readonly size: string;
  readonly color: string;
  readonly image: string | null;
  /** Paise. */
  readonly unitPrice: number;
  readonly availability: Availability;
}

export interface Line {
  /** UUIDv7, so that lines sort by when they came. */
  readonly id: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly written: Snapshot;
}

/** A cart as it is kept, without prices of now. */
export interface KeptCart {
  /** `user:<id>` or `guest:<digest of the token>`. */
  readonly owner: string;
  /** Opaque, new at every write, never used twice. */
  readonly version: string;
  /** Grows with every write of this cart, also across a flush of Redis; microseconds where the clock allows. 0: never written. */
  readonly sequence: number;
  /** Milliseconds. */
  readonly updatedAt: number;
  /** By arrival. */
  readonly lines: readonly Line[];
  /** Idempotency keys and event ids, as the scripts keep them. */
  readonly keys: string;
  readonly events: string;
  /** The code on the cart, normalised; '' without one. */
  readonly coupon: string;
  /** The owner who has taken this guest cart over, '' before that; its lines stay as they were then. Of an erased user's cart `ERASED`. */
  readonly mergedBy: string;
}

export type Quotes = ReadonlyMap<string, Quote>;

/** In the place of who has taken a cart over, for such a cart takes no writes either. */
export const ERASED = 'erased';

const USER = 'user:';
const GUEST = 'guest:';

export const ownerOf = (userId: string): string => USER + userId;
/** The token itself is kept nowhere, so that reading the stores opens no guest's cart. */
export const guestOwnerOf = (token: string): string => GUEST + hash('sha256', token, 'base64url');
/** Null for a guest. */
export const userIdOf = (owner: string): string | null => (owner.startsWith(USER) ? owner.slice(USER.length) : null);
export const isGuest = (owner: string): boolean => owner.startsWith(GUEST);

/** Seconds without a write after which a cart leaves Redis; a guest's is gone then, a user's is in Postgres. */
export const IDLE_SECONDS = millisecondsOf(retention.carts.but.guests.keptFor) / 1_000;

/** Whether a token opens this guest cart: it is neither taken over nor forgotten. */
export const isOpen = ({ mergedBy, updatedAt }: KeptCart, now: number): boolean =>
  mergedBy === '' && updatedAt > now - IDLE_SECONDS * 1_000;

const MAX_CODE_LENGTH = 40;
/** Codes ignore case and spaces. Undefined for what no code can be. */
export function normalisedCode(code: string): string | undefined {
  const normalised = code.replace(/\s+/g, '').toUpperCase();
  return normalised === '' || normalised.length > MAX_CODE_LENGTH ? undefined : normalised;
}

/** What a write notes of the variant; a write passes only when its whole quantity can be sold. */
export const snapshotOf = ({ productId, name, size, color, image, price, available }: Quote): Snapshot => ({
  productId,
  name,
  size,
  color,
  image,
  unitPrice: price,
  availability: availabilityOf(available),
});

/** What coupons do to the lines that count; `unavailable` while the coupon service cannot say. */
export type Discounting = Discounts | 'unavailable';

/** The lines that count, as the coupon rules see them: the same that an order of this cart asks about. */
export function basketOf({ owner, lines, coupon }: KeptCart, quotes: Quotes): Basket {
  return {
    userId: userIdOf(owner),
    lines: lines.flatMap(({ variantId, quantity }) => {
      const quote = quotes.get(variantId);
      if (quote === undefined || !counts(quote.available, quantity)) return [];
      return [basketLineOf(quote, quantity)];
    }),
    ...(coupon === '' ? {} : { code: coupon }),
  };
}

/** A line counts when its whole quantity can be sold. */
const counts = (available: number, quantity: number): boolean => availabilityOf(available, quantity) !== 'out_of_stock';

/** The cart with the prices, the stock and the discounts of now; a variant without a quote was withdrawn. */
export function pricedCart(cart: KeptCart, quotes: Quotes, basket: Basket, discounting: Discounting, shipping: ShippingRule): Cart {
  const discounts = discounting === 'unavailable' ? undefined : discounting;
  const price = priceBasket({
    // The coupon service answers in the order it was asked in.
    lines: basket.lines.map((line, index) => ({ ...line, discount: discounts?.lines[index]?.discount ?? 0 })),
    freeShipping: discounts?.freeShipping ?? false,
    codFee: 0,
    shipping,
  });
  const discountOf = new Map(basket.lines.map(({ variantId }, index) => [variantId, price.discounts[index] ?? 0]));
  const problem = cart.coupon === '' ? undefined : problemOf(discounting);
  return {
    userId: userIdOf(cart.owner),
    items: cart.lines.map((line) => pricedLine(line, quotes.get(line.variantId), discountOf.get(line.variantId) ?? 0)),
    ...(cart.coupon === '' ? {} : { couponCode: discounts?.couponCode ?? cart.coupon }),
    ...(problem === undefined ? {} : { couponProblem: problem }),
    subtotal: price.subtotal,
    discount: price.discount,
    shippingFee: price.shippingFee,
    total: price.total,
    currency: 'INR',
    version: cart.version,
    updatedAt: new Date(cart.updatedAt).toISOString(),
  };
}

function problemOf(discounting: Discounting): CouponProblem | undefined {
  if (discounting === 'unavailable') return { reason: 'unavailable' };
  const { code, reason = 'not_applicable', hint } = discounting;
  if (code === 'applied') return undefined;
  // A code that has ended since it was put on the cart must look like one that never was.
  return code === 'not_applicable' ? { reason, ...(hint === undefined ? {} : { hint }) } : { reason: 'not_valid' };
}

function pricedLine({ id, variantId, quantity, written }: Line, quote: Quote | undefined, discount: number): CartItem {
  const { productId, name, size, color, image } = quote ?? written;
  const unitPrice = quote?.price ?? written.unitPrice;
  const availability = availabilityOf(quote?.available ?? 0, quantity);
  const changes = [
    ...(unitPrice === written.unitPrice ? [] : ['price']),
    ...(availability === written.availability ? [] : ['availability']),
  ];
  return {
    id,
    productId,
    variantId,
    name,
    size,
    color,
    image,
    quantity,
    unitPrice,
    discount,
    lineTotal: unitPrice * quantity - discount,
    availability,
    ...(changes.length === 0 ? {} : { changes }),
  };
}
