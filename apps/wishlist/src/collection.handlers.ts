import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import {
  type CollectionPage,
  type CreateCollection,
  type ListCollections,
  type SharedPage,
  type UpdateCollection,
  wishlistApi,
} from '#libs/contracts/wishlist/api';
import {
  type Collection,
  type CollectionDetail,
  type CollectionList,
  MAX_COLLECTIONS,
  type SharedCollection,
} from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CartMoves } from './cart-moves.ts';
import { Catalogue } from './catalogue.ts';
import { CollectionRepository } from './collection.repository.ts';
import { EntryRepository } from './entry.repository.ts';
import { WisherRepository } from './wisher.repository.ts';
import { type CollectionRow, collectionOf, isToken } from './wishlist.ts';

/** Lists. Nothing is kept between requests: who may see one is read with it. */
@Injectable()
export class CollectionHandlers {
  constructor(
    private readonly database: Database,
    private readonly wishers: WisherRepository,
    private readonly lists: CollectionRepository,
    private readonly entries: EntryRepository,
    private readonly catalogue: Catalogue,
    private readonly moves: CartMoves,
  ) {}

  async collections({ userId, productId }: ListCollections, { actor }: Call): Promise<CollectionList> {
    const isOwner = actor.kind === 'user' && actor.userId === userId;
    if (isOwner && !(await this.lists.hasAny(userId))) await this.database.transaction((tx) => this.wishers.takeTurn(tx, userId));
    const rows = await this.lists.ofUser(userId, { isOwner, productId });
    return { items: rows.map((row) => collectionOf(row, isOwner)) };
  }

  createCollection({ name, privacy }: CreateCollection, call: Call): Promise<Collection> {
    const id = uuidv7();
    return this.changing(call, (tx, userId) =>
      onceFor(tx, call, id, {
        make: async () => {
          const made = await this.lists.insert(tx, userId, { id, name, privacy });
          if (made === undefined)
            throw wishlistApi.refuse('wishlist.too_many_collections', `Nobody has more than ${MAX_COLLECTIONS} lists`);
          return made;
        },
        read: (known) => this.ownIn(tx, known, userId),
      }),
    );
  }

  async collection({ id, limit, cursor }: CollectionPage, { actor }: Call): Promise<CollectionDetail> {
    const found = await this.lists.find(id);
    const isOwner = actor.kind === 'user' && actor.userId === found?.user_id;
    if (found === undefined || !(isOwner || found.privacy === 'public')) throw notFound();
    const { items, nextCursor } = await this.entries.page(id, id, { limit, cursor });
    return { ...collectionOf(found, isOwner), items: await this.catalogue.shown(items, isOwner), nextCursor };
  }

  updateCollection({ id, name, privacy, position }: UpdateCollection, call: Call): Promise<Collection> {
    return this.changing(call, async (tx, userId) => {
      const found = await this.ownIn(tx, id, userId);
      if (name !== undefined) this.lists.rename(tx, id, name);
      if (privacy !== undefined) this.lists.setPrivacy(tx, id, privacy);
      if (position !== undefined) this.lists.place(tx, found, position);
      return this.ownIn(tx, id, userId);
    });
  }

  async removeCollection({ id }: ById, call: Call): Promise<void> {
    const { userId } = userOf(call);
    await this.moves.unlessLeaving(() =>
      this.database.transaction(async (tx) => {
        await this.wishers.takeTurn(tx, userId);
        const found = await this.ownIn(tx, id, userId);
        if (found.is_default) throw wishlistApi.refuse('wishlist.default_collection', 'The default list stays');
        await this.moves.requireNoneIn(tx, id);
        this.lists.remove(tx, found);
      }),
    );
  }

  share({ id }: ById, call: Call): Promise<Collection> {
    return this.changing(call, (tx, userId) =>
      onceFor(tx, call, id, {
        make: async () => {
          await this.ownIn(tx, id, userId);
          const renewed = await this.lists.renewToken(tx, id);
          if (renewed === undefined) throw wishlistApi.refuse('wishlist.not_shared', 'The list is not shared by link');
          return renewed;
        },
        read: () => this.ownIn(tx, id, userId),
      }),
    );
  }

  async shared({ token, limit, cursor }: SharedPage): Promise<SharedCollection> {
    const found = isToken(token) ? await this.lists.byToken(token) : undefined;
    if (found === undefined) throw notFound();
    const { items, nextCursor } = await this.entries.page(found.id, token, { limit, cursor });
    return { name: found.name, itemCount: found.item_count, items: await this.catalogue.shown(items, false), nextCursor };
  }

  /** In the user's turn; answers the list that `work` leaves. */
  private async changing(call: Call, work: (tx: Transaction, userId: string) => Promise<CollectionRow>): Promise<Collection> {
    const { userId } = userOf(call);
    try {
      const row = await this.database.transaction(async (tx) => {
        await this.wishers.takeTurn(tx, userId);
        return work(tx, userId);
      });
      return collectionOf(row, true);
    } catch (error) {
      if (isUniqueViolation(error, 'collections_name'))
        throw wishlistApi.refuse('wishlist.name_taken', 'Another of your lists has this name');
      throw error;
    }
  }

  private async ownIn(tx: Transaction, id: string, userId: string): Promise<CollectionRow> {
    const found = await this.lists.own(tx, id, userId);
    if (found === undefined) throw notFound();
    return found;
  }
}
