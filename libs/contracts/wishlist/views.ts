import { Flag, ListOf, Means, Nested, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { listOf, pageOf } from '../page.ts';
import { AVAILABILITIES } from '../product/views.ts';

export const MAX_COLLECTIONS = 50;
export const MAX_ENTRIES = 500;
export const MAX_WAITING_ALERTS = 100;

export const PRIVACIES = ['private', 'public', 'link'] as const;
export type Privacy = (typeof PRIVACIES)[number];

/** `unavailable`: withdrawn. `unknown`: the catalogue cannot be asked now. */
export const ITEM_AVAILABILITIES = [...AVAILABILITIES, 'unavailable', 'unknown'] as const;
export type ItemAvailability = (typeof ITEM_AVAILABILITIES)[number];

export class Collection {
  @Uuid() id!: string;
  @Uuid() userId!: string;
  @Text(1, 60) name!: string;
  @Means('The one that everybody has; it cannot be deleted.') @Flag() isDefault!: boolean;
  @Means('`link`: for whoever has the token.') @OneOf(PRIVACIES) privacy!: Privacy;
  @Means('Opens the list without signing in; only for the owner, only while `link`.') @Optional() @Text(43, 43) shareToken?: string;
  @Means('Its place among the lists of its owner, from 0.') @Whole(0, MAX_COLLECTIONS - 1) position!: number;
  @Means('Its entries.') @Whole(0, MAX_ENTRIES) itemCount!: number;
  @Timestamp() createdAt!: string;
  @Timestamp() updatedAt!: string;
}
export class CollectionList extends listOf(Collection) {}

export class Item {
  @Uuid() id!: string;
  @Uuid() productId!: string;
  @Means('null where the product is wished for without a size and colour.') @Nullable() @Uuid() variantId!: string | null;
  @Text(1, 200) name!: string;
  @Text(1, 200) slug!: string;
  @Nullable() @Text(1, 500) image!: string | null;
  @Optional() @Text(1, 30) size?: string;
  @Optional() @Text(1, 60) color?: string;
  @Means('Now; null where it is unavailable or unknown.') @Nullable() @Paise() price!: number | null;
  @Means('Now; null like the price.') @Nullable() @Paise() mrp!: number | null;
  @OneOf(['INR']) currency!: string;
  @Means('When it was added.') @Paise() addedPrice!: number;
  @OneOf(ITEM_AVAILABILITIES) availability!: ItemAvailability;
  @Means('Only for the owner.') @Optional() @Text(1, 300) note?: string;
  @Timestamp() addedAt!: string;
}

export class AddedItem extends Item {
  @Means('False: it was in this list before.') @Flag() added!: boolean;
}

export class CollectionDetail extends Collection {
  @Means('Newest first.') @ListOf(() => Item) items!: Item[];
  @Nullable() @Text(1, 600) nextCursor!: string | null;
}

/** A list as a link shows it, without a word about its owner. */
export class SharedCollection {
  @Text(1, 60) name!: string;
  @Means('Its entries.') @Whole(0, MAX_ENTRIES) itemCount!: number;
  @Means('Newest first.') @ListOf(() => Item) items!: Item[];
  @Nullable() @Text(1, 600) nextCursor!: string | null;
}

export class SkippedWish {
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
}

export class MergedWishes {
  @Nested(() => Collection) collection!: Collection;
  @Means('Entries that are new in the list.') @Whole(0, 200) added!: number;
  @Means('Entries that it had.') @Whole(0, 200) existing!: number;
  @Means('Unknown and withdrawn ones.') @ListOf(() => SkippedWish) skipped!: SkippedWish[];
}

export const ALERT_KINDS = ['back_in_stock', 'price_drop'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export const ALERT_STATUSES = ['waiting', 'sent', 'ended'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

export class Alert {
  @Uuid() id!: string;
  @OneOf(ALERT_KINDS) kind!: AlertKind;
  @Uuid() productId!: string;
  @Means("null: the product's lowest price.") @Nullable() @Uuid() variantId!: string | null;
  @Means('Told when the price comes to this or below; only of `price_drop`.') @Optional() @Paise(1) targetPrice?: number;
  @Means('`ended`: withdrawn before it could be told.') @OneOf(ALERT_STATUSES) status!: AlertStatus;
  @Means('How often it was told.') @Whole(0, 1_000_000_000) sentCount!: number;
  @Optional() @Timestamp() sentAt?: string;
  @Timestamp() createdAt!: string;
}
export class AlertPage extends pageOf(Alert) {}

export class CreatedAlert extends Alert {
  @Means('False: its like was waiting, and has the new target.') @Flag() added!: boolean;
}

export class WishCount {
  @Uuid() productId!: string;
  @Means('People who have it in a list.') @Whole(0, 1_000_000_000) count!: number;
}
export class WishCounts extends listOf(WishCount) {}
