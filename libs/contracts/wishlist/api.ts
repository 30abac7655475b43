import { Cart, MAX_LINE_QUANTITY } from '../cart/views.ts';
import { contract, event, operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { all, ListOf, Means, OneOf, Optional, Paise, Pattern, Text, Uuid, Whole, Words } from '../fields.ts';
import { ById, ByUser, PageQuery } from '../page.ts';
import { AlertHit, ByAlert, StillHolds, Wished } from './messages.ts';
import {
  AddedItem,
  ALERT_KINDS,
  ALERT_STATUSES,
  type AlertKind,
  AlertPage,
  type AlertStatus,
  Collection,
  CollectionDetail,
  CollectionList,
  CreatedAlert,
  Item,
  MergedWishes,
  PRIVACIES,
  type Privacy,
  SharedCollection,
  WishCounts,
} from './views.ts';

const Name = (): PropertyDecorator =>
  all(Means('Different from the other names of its owner, letter case and outer blanks aside.'), Words(1, 60));

export class ListCollections extends ByUser {
  @Means('Only lists that hold it.') @Optional() @Uuid() productId?: string;
}
export class CreateCollection {
  @Name() name!: string;
  @OneOf(PRIVACIES) privacy: Privacy = 'private';
}
export class CollectionPage extends PageQuery {
  @Uuid() id!: string;
}
export class SharedPage extends PageQuery {
  // Whatever is no token is answered as one that leads nowhere: as long as a request's head may be.
  @Text(0, 16_384) token!: string;
}
export class UpdateCollection extends ById {
  @Optional() @Name() name?: string;
  @Means('Leaving `link` ends its token for good.') @Optional() @OneOf(PRIVACIES) privacy?: Privacy;
  @Means('Beyond the last: the last.') @Optional() @Whole(0, 1_000_000) position?: number;
}

export class Wish {
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
  @Optional() @Words(1, 300) note?: string;
}
export class AddWish extends Wish {
  @Uuid() id!: string;
}
export class WishRef {
  @Uuid() id!: string;
  @Uuid() itemId!: string;
}
export class MoveWish extends WishRef {
  @Means('The list to move it to.') @Uuid() collectionId!: string;
}
export class MoveWishToCart extends WishRef {
  @Means('Needed where the entry has none.') @Optional() @Uuid() variantId?: string;
  @Whole(1, MAX_LINE_QUANTITY) quantity: number = 1;
}
export class MergeWishes {
  @Means('In the order in which they were wished for.') @ListOf(() => Wish, 1, 200) items!: Wish[];
}

export class ListAlerts extends PageQuery {
  @Optional() @OneOf(ALERT_STATUSES) status?: AlertStatus;
}
export class CreateAlert {
  @OneOf(ALERT_KINDS) kind!: AlertKind;
  @Uuid() productId!: string;
  @Optional() @Uuid() variantId?: string;
  @Means('Only of `price_drop`; a paisa below the present price unless said.') @Optional() @Paise(1) targetPrice?: number;
}

const ID = '[\\da-fA-F]{8}(?:-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}';
export class CountWishes {
  @Means('1 to 100 ids, joined by commas.')
  @Pattern(new RegExp(`^${ID}(?:,${ID}){0,99}$`), 'must be 1 to 100 ids, joined by commas')
  productIds!: string;
}

const FULL = { 'wishlist.collection_full': 'conflict' } as const;

export const wishlistApi = contract('wishlist', {
  operations: {
    collections: operation({
      summary: 'Lists of a user: own all, those of others that are public',
      access: 'optional',
      openToOthers: true,
      http: 'GET /collections/user/:userId',
      in: ListCollections,
      out: CollectionList,
    }),
    createCollection: operation({
      summary: 'Add a list, as the last',
      access: 'user',
      http: 'POST /collections',
      in: CreateCollection,
      out: Collection,
      status: 201,
      errors: { 'wishlist.name_taken': 'conflict', 'wishlist.too_many_collections': 'conflict' },
    }),
    collection: operation({
      summary: 'A list with its entries',
      access: 'optional',
      http: 'GET /collections/:id',
      in: CollectionPage,
      out: CollectionDetail,
    }),
    updateCollection: operation({
      summary: 'Rename, hide, show or move a list',
      access: 'user',
      http: 'PATCH /collections/:id',
      in: UpdateCollection,
      out: Collection,
      errors: { 'wishlist.name_taken': 'conflict' },
    }),
    removeCollection: operation({
      summary: 'Delete a list with its entries',
      access: 'user',
      http: 'DELETE /collections/:id',
      in: ById,
      errors: { 'wishlist.default_collection': 'conflict' },
    }),
    share: operation({
      summary: 'A new token for a list that is shared by link; the one before is dead',
      access: 'user',
      http: 'POST /collections/:id/share',
      in: ById,
      out: Collection,
      status: 200,
      errors: { 'wishlist.not_shared': 'conflict' },
    }),
    shared: operation({
      summary: 'A list by its link',
      access: 'public',
      http: 'GET /collections/shared/:token',
      in: SharedPage,
      out: SharedCollection,
    }),
    add: operation({
      summary: 'Wish for a product or a variant of it',
      access: 'user',
      http: 'POST /collections/:id/products',
      in: AddWish,
      out: AddedItem,
      status: 201,
      statusOf: ({ added }) => (added ? 201 : 200),
      errors: FULL,
    }),
    remove: operation({
      summary: 'Take an entry off a list',
      access: 'user',
      http: 'DELETE /collections/:id/products/:itemId',
      in: WishRef,
    }),
    move: operation({
      summary: 'Move an entry to another list',
      access: 'user',
      http: 'POST /collections/:id/products/:itemId/move',
      in: MoveWish,
      out: Item,
      status: 200,
      errors: FULL,
    }),
    moveToCart: operation({
      summary: 'Move an entry to the cart: it leaves the list when the cart has it',
      access: 'user',
      http: 'POST /collections/:id/products/:itemId/move-to-cart',
      in: MoveWishToCart,
      out: Cart,
      status: 200,
      timeoutMs: 6_000,
      errors: {
        'wishlist.variant_required': 'conflict',
        'wishlist.variant_mismatch': 'conflict',
        'wishlist.unavailable': 'conflict',
        'cart.line_limit': 'conflict',
        'cart.too_many_lines': 'conflict',
        'cart.out_of_stock': 'conflict',
      },
    }),
    merge: operation({
      summary: "Take a guest's list over into the default one: all or none",
      access: 'user',
      http: 'POST /collections/merge',
      in: MergeWishes,
      out: MergedWishes,
      status: 200,
      errors: FULL,
    }),
    alerts: operation({
      summary: 'Own alerts, newest first',
      access: 'user',
      http: 'GET /collections/alerts',
      in: ListAlerts,
      out: AlertPage,
    }),
    createAlert: operation({
      summary: 'Be told when a variant is back in stock, or a price has dropped',
      access: 'user',
      http: 'POST /collections/alerts',
      in: CreateAlert,
      out: CreatedAlert,
      status: 201,
      statusOf: ({ added }) => (added ? 201 : 200),
      timeoutMs: 5_000,
      errors: {
        'wishlist.in_stock': 'conflict',
        'wishlist.price_reached': 'conflict',
        'wishlist.too_many_alerts': 'conflict',
      },
    }),
    removeAlert: operation({ summary: 'End an alert', access: 'user', http: 'DELETE /collections/alerts/:id', in: ById }),
    counts: operation({
      summary: 'How many people wish for products',
      access: 'public',
      http: 'GET /collections/counts',
      in: CountWishes,
      out: WishCounts,
      hot: true,
    }),
    stillHolds: operation({
      summary: 'Whether what an alert told is still so',
      access: 'internal',
      in: ByAlert,
      out: StillHolds,
    }),
    exportOf: exportOperation('Lists and alerts of a user, for that archive'),
  },
  events: {
    wished: event({
      summary: 'Somebody wishes for a product that was in none of their lists',
      version: 1,
      data: Wished,
      subscribers: ['product'],
      batched: ['product'],
    }),
    alertHit: event({ summary: 'What an alert waited for has come', version: 1, data: AlertHit, subscribers: ['notification'] }),
  },
});
