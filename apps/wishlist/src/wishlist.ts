import { randomBytes } from 'node:crypto';
import type { Card } from '#libs/contracts/product/messages';
import type { Collection, Item, ItemAvailability, Privacy } from '#libs/contracts/wishlist/views';

export interface CollectionRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly is_default: boolean;
  readonly privacy: Privacy;
  readonly share_token: string | null;
  readonly position: number;
  readonly item_count: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** What of a product's or variant's card is kept with an entry, for when it is withdrawn or the catalogue is away. */
export interface Snapshot {
  readonly name: string;
  readonly slug: string;
  readonly image: string | null;
  readonly size: string | null;
  readonly color: string | null;
}

export interface EntryRow extends Snapshot {
  readonly id: string;
  readonly collection_id: string;
  readonly product_id: string;
  readonly variant_id: string | null;
  readonly note: string | null;
  /** Paise. */
  readonly added_price: number;
  readonly added_at: Date;
}

export interface WishedFor {
  readonly productId: string;
  readonly variantId?: string | undefined;
}

/** What lists are unique by: case and outer blanks do not count. */
export const nameKeyOf = (name: string): string => name.normalize('NFC').trim().toLowerCase();

const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');
/** Whether it can be a token at all. */
export const isToken = (text: string): boolean => TOKEN.test(text);

export const refOf = ({ productId, variantId }: WishedFor): string => `${productId} ${variantId ?? ''}`;
export const wishOf = ({ product_id, variant_id }: EntryRow): WishedFor => ({
  productId: product_id,
  ...(variant_id === null ? {} : { variantId: variant_id }),
});

export const snapshotOf = ({ name, slug, image, size, color }: Card): Snapshot => ({
  name,
  slug,
  image,
  size: size ?? null,
  color: color ?? null,
});

/** Whether an entry is kept with another name or picture than its card has now. */
export const isOutdated = (entry: EntryRow, card: Card): boolean => {
  const now = snapshotOf(card);
  return (['name', 'slug', 'image', 'size', 'color'] as const).some((field) => entry[field] !== now[field]);
};

export const collectionOf = (row: CollectionRow, isOwner: boolean): Collection => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  isDefault: row.is_default,
  privacy: row.privacy,
  ...(isOwner && row.share_token !== null ? { shareToken: row.share_token } : {}),
  position: row.position,
  itemCount: row.item_count,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/** `card`: as of now; undefined: withdrawn; `unknown`: the catalogue is away. */
export function itemOf(entry: EntryRow, card: Card | undefined | 'unknown', isOwner: boolean): Item {
  const known = card === undefined || card === 'unknown' ? undefined : card;
  const { name, slug, image, size, color } = known === undefined ? entry : snapshotOf(known);
  const absent: ItemAvailability = card === 'unknown' ? 'unknown' : 'unavailable';
  return {
    id: entry.id,
    productId: entry.product_id,
    variantId: entry.variant_id,
    name,
    slug,
    image,
    ...(size === null ? {} : { size }),
    ...(color === null ? {} : { color }),
    price: known?.price ?? null,
    mrp: known?.mrp ?? null,
    currency: 'INR',
    addedPrice: entry.added_price,
    availability: known?.availability ?? absent,
    ...(isOwner && entry.note !== null ? { note: entry.note } : {}),
    addedAt: entry.added_at.toISOString(),
  };
}
