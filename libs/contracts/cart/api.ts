import { contract, event, operation, signal } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Code, Means, Pattern, Text, Uuid, Whole } from '../fields.ts';
import { ByUser, Nothing } from '../page.ts';
import { AddedToCarts, CartAbandoned, CartSnapshot, TakeItem } from './messages.ts';
import { Cart, GuestCart, MAX_LINE_QUANTITY } from './views.ts';

export class AddCartItem extends ByUser {
  @Uuid() variantId!: string;
  @Means('Added to what is in the cart already; 20 of one variant at most.') @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
}
export class SetCartItem extends ByUser {
  @Uuid() itemId!: string;
  @Means('0 removes the line.') @Whole(0, MAX_LINE_QUANTITY) quantity!: number;
}
export class CartItemRef extends ByUser {
  @Uuid() itemId!: string;
}

export class CartCoupon extends ByUser {
  @Code(1, 40) code!: string;
}

/** 256 random bits; who has it has the cart. */
export class GuestCartOf {
  @Means('Who has it has the cart.') @Pattern(/^[A-Za-z0-9_-]{43}$/, 'must be the token of a guest cart') token!: string;
}
export class AddGuestItem extends GuestCartOf {
  @Uuid() variantId!: string;
  @Means('Added to what is in the cart already; 20 of one variant at most.') @Whole(1, MAX_LINE_QUANTITY) quantity!: number;
}
export class SetGuestItem extends GuestCartOf {
  @Uuid() itemId!: string;
  @Means('0 removes the line.') @Whole(0, MAX_LINE_QUANTITY) quantity!: number;
}
export class GuestItemRef extends GuestCartOf {
  @Uuid() itemId!: string;
}
export class MergeCart extends ByUser {
  @Means('The token of the guest cart, which is gone afterwards.') @Text(1, 100) guestToken!: string;
}

const STALE = { 'cart.version_conflict': 'conflict' } as const;
const FULL = { 'cart.line_limit': 'conflict', 'cart.too_many_lines': 'conflict', 'cart.out_of_stock': 'conflict' } as const;
const LIMITS = { ...STALE, ...FULL } as const;

export const cartApi = contract('cart', {
  operations: {
    get: operation({ summary: 'The cart, priced and stock-checked now', access: 'user', http: 'GET /cart/:userId', in: ByUser, out: Cart }),
    addItem: operation({
      summary: 'Add a variant; the same variant adds up',
      access: 'user',
      http: 'POST /cart/:userId/items',
      in: AddCartItem,
      out: Cart,
      status: 201,
      errors: LIMITS,
    }),
    setItem: operation({
      summary: "Change a line's quantity",
      access: 'user',
      http: 'PUT /cart/:userId/items/:itemId',
      in: SetCartItem,
      out: Cart,
      errors: LIMITS,
    }),
    removeItem: operation({
      summary: 'Remove a line',
      access: 'user',
      http: 'DELETE /cart/:userId/items/:itemId',
      in: CartItemRef,
      out: Cart,
      errors: STALE,
    }),
    clear: operation({ summary: 'Empty the cart', access: 'user', http: 'DELETE /cart/:userId', in: ByUser, errors: STALE }),
    setCoupon: operation({
      summary: 'Put a coupon code on the cart',
      access: 'user',
      http: 'PUT /cart/:userId/coupon',
      in: CartCoupon,
      out: Cart,
      errors: { ...STALE, 'coupon.not_valid': 'not_found' },
    }),
    removeCoupon: operation({
      summary: 'Take the coupon code off the cart',
      access: 'user',
      http: 'DELETE /cart/:userId/coupon',
      in: ByUser,
      out: Cart,
      errors: STALE,
    }),
    merge: operation({
      summary: "Take a guest cart's lines over; a repeat changes nothing",
      access: 'user',
      http: 'POST /cart/:userId/merge',
      in: MergeCart,
      out: Cart,
      status: 200,
      errors: { ...STALE, 'cart.too_many_lines': 'conflict' },
    }),
    createGuest: operation({
      summary: 'A cart for somebody who is not signed in',
      access: 'public',
      http: 'POST /cart/guest',
      in: Nothing,
      out: GuestCart,
      status: 201,
    }),
    getGuest: operation({ summary: 'A guest cart', access: 'public', http: 'GET /cart/guest/:token', in: GuestCartOf, out: Cart }),
    addGuestItem: operation({
      summary: 'Add a variant to a guest cart',
      access: 'public',
      http: 'POST /cart/guest/:token/items',
      in: AddGuestItem,
      out: Cart,
      status: 201,
      errors: LIMITS,
    }),
    setGuestItem: operation({
      summary: "Change a guest line's quantity",
      access: 'public',
      http: 'PUT /cart/guest/:token/items/:itemId',
      in: SetGuestItem,
      out: Cart,
      errors: LIMITS,
    }),
    removeGuestItem: operation({
      summary: 'Remove a line of a guest cart',
      access: 'public',
      http: 'DELETE /cart/guest/:token/items/:itemId',
      in: GuestItemRef,
      out: Cart,
      errors: STALE,
    }),
    clearGuest: operation({
      summary: 'Empty a guest cart',
      access: 'public',
      http: 'DELETE /cart/guest/:token',
      in: GuestCartOf,
      errors: STALE,
    }),
    snapshot: operation({ summary: 'The cart as an order takes it', access: 'internal', in: ByUser, out: CartSnapshot, lane: 'checkout' }),
    take: operation({
      summary: 'Add a variant to a cart once, whatever is repeated',
      access: 'internal',
      in: TakeItem,
      out: Cart,
      errors: FULL,
    }),
    exportOf: exportOperation('The cart of a user, for that archive'),
  },
  events: {
    abandoned: event({
      summary: 'A cart was left alone; once for each version, never after its purchase',
      version: 1,
      data: CartAbandoned,
      subscribers: ['notification'],
    }),
  },
  signals: {
    added: signal({ summary: 'Variants were put into carts', data: AddedToCarts }),
  },
});
