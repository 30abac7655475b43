import type { Cart, CartItem } from '#libs/contracts/cart';
import type { Availability } from '#libs/contracts/product';
import type { Quote } from '#libs/contracts/reservation';
import { type ShippingRule, shippingFee } from '#libs/contracts/shipping';

/** Up to this many units left, a variant is low on stock. */
const LOW_STOCK = 5;

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
  /** `user:<id>`. */
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
}

export type Quotes = ReadonlyMap<string, Quote>;

export const ownerOf = (userId: string): string => `user:${userId}`;

/** A line counts when its whole quantity is there. */
export function availabilityOf(available: number, quantity: number): Availability {
  if (available < quantity) return 'out_of_stock';
  return available <= LOW_STOCK ? 'low_stock' : 'in_stock';
}

/** The snapshot of a write, which is let through only when the whole quantity is there. */
export const snapshotOf = ({ productId, name, size, color, image, price, available }: Quote): Snapshot => ({
  productId,
  name,
  size,
  color,
  image,
  unitPrice: price,
  availability: availabilityOf(available, 1),
});

/** The cart with the prices and the stock of now; a variant without a quote was withdrawn. */
export function pricedCart(cart: KeptCart, userId: string | null, quotes: Quotes, shipping: ShippingRule): Cart {
  const items = cart.lines.map((line) => pricedLine(line, quotes.get(line.variantId)));
  const counting = items.filter(({ availability }) => availability !== 'out_of_stock');
  const sumOfLineTotals = sum(counting.map(({ lineTotal }) => lineTotal));
  const fee = shippingFee(sumOfLineTotals, shipping);
  return {
    userId,
    items,
    subtotal: sum(counting.map(({ unitPrice, quantity }) => unitPrice * quantity)),
    discount: sum(counting.map(({ discount }) => discount)),
    shippingFee: fee,
    total: sumOfLineTotals + fee,
    currency: 'INR',
    version: cart.version,
    updatedAt: new Date(cart.updatedAt).toISOString(),
  };
}

function pricedLine({ id, variantId, quantity, written }: Line, quote: Quote | undefined): CartItem {
  const { productId, name, size, color, image } = quote ?? written;
  const unitPrice = quote?.price ?? written.unitPrice;
  const availability = availabilityOf(quote?.available ?? 0, quantity);
  const changes = [
    ...(unitPrice === written.unitPrice ? [] : ['price']),
    ...(availability === written.availability ? [] : ['availability']),
  ];
  const discount = 0;
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

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
