import { contract, event, operation } from '../contract.ts';
import { all, ListOf, Means, OneOf, Optional, Pattern, Text, Uuid, Whole, Words } from '../fields.ts';
import { ById, ByUser, PageQuery } from '../page.ts';
import { Wished } from './messages.ts';
import {
  AddedItem,
  Collection,
  CollectionDetail,
  CollectionList,
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
  @Text(0, 2_000) token!: string;
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
export class MergeWishes {
  @Means('In the order in which they were wished for.') @ListOf(() => Wish, 1, 200) items!: Wish[];
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
    merge: operation({
      summary: "Take a guest's list over into the default one: all or none",
      access: 'user',
      http: 'POST /collections/merge',
      in: MergeWishes,
      out: MergedWishes,
      status: 200,
      errors: FULL,
    }),
    counts: operation({
      summary: 'How many people wish for products',
      access: 'public',
      http: 'GET /collections/counts',
      in: CountWishes,
      out: WishCounts,
      hot: true,
    }),
  },
  events: {
    wished: event({ summary: 'Somebody wishes for a product that was in none of their lists', version: 1, data: Wished, subscribers: [] }),
  },
});
