import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, type Refusal } from '#libs/contracts/errors';
import { type AddWish, type CountWishes, type MergeWishes, type MoveWish, type WishRef, wishlistApi } from '#libs/contracts/wishlist/api';
import { type AddedItem, type Item, MAX_ENTRIES, type MergedWishes, type WishCounts } from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import { madeBy, noteResult, onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CartMoves } from './cart-moves.ts';
import { Catalogue } from './catalogue.ts';
import { CollectionRepository } from './collection.repository.ts';
import { EntryRepository, type NewEntry } from './entry.repository.ts';
import { WisherRepository } from './wisher.repository.ts';
import { type CollectionRow, collectionOf, type EntryRow, itemOf, refOf } from './wishlist.ts';

/** What is in lists. */
@Injectable()
export class EntryHandlers {
  constructor(
    private readonly database: Database,
    private readonly wishers: WisherRepository,
    private readonly lists: CollectionRepository,
    private readonly entries: EntryRepository,
    private readonly catalogue: Catalogue,
    private readonly moves: CartMoves,
  ) {}

  async add({ id, productId, variantId, note }: AddWish, call: Call): Promise<AddedItem> {
    // Before the card is judged: a wish may have been withdrawn since the first of them.
    const before = await madeBy(this.database, call);
    if (before !== undefined) {
      const like = await this.entries.like(this.database, id, productId, variantId ?? null);
      const [item] = like === undefined ? [] : await this.catalogue.shown([like], true);
      if (like === undefined || item === undefined) throw notFound();
      return { ...item, added: like.id === before };
    }
    const card = await this.catalogue.card({ productId, variantId });
    if (card === undefined) throw notFound();
    const { userId } = userOf(call);
    const { entry, added } = await this.database.transaction(async (tx) => {
      await this.wishers.takeTurn(tx, userId);
      const list = await this.lists.own(tx, id, userId);
      if (list === undefined) throw notFound();
      const entry = { id: uuidv7(), card, note };
      return onceFor(tx, call, entry.id, {
        make: () => this.addOne(tx, list, entry),
        read: async (known) => {
          const like = await this.entries.like(tx, id, productId, variantId ?? null);
          if (like === undefined) throw notFound();
          return { entry: like, added: like.id === known };
        },
      });
    });
    return { ...itemOf(entry, card, true), added };
  }

  async remove({ id, itemId }: WishRef, call: Call): Promise<void> {
    const { userId } = userOf(call);
    await this.changing(userId, async (tx) => {
      if ((await this.entries.own(tx, userId, { id, itemId })) === undefined) throw notFound();
      await this.moves.requireNone(tx, itemId);
      await this.entries.remove(tx, itemId);
    });
  }

  async move({ id, itemId, collectionId }: MoveWish, call: Call): Promise<Item> {
    const { userId } = userOf(call);
    const entry = await this.changing(userId, (tx) =>
      onceFor(tx, call, itemId, {
        make: () => this.moveOne(tx, userId, { id, itemId }, collectionId, call),
        read: async (known) => this.entries.own(tx, userId, { id: collectionId, itemId: known }),
      }),
    );
    if (entry === undefined) throw notFound();
    const [item] = await this.catalogue.shown([entry], true);
    return item as Item;
  }

  async merge({ items }: MergeWishes, call: Call): Promise<MergedWishes> {
    const cards = await this.catalogue.cards(items);
    const wanted = new Map<string, NewEntry>();
    for (const { productId, variantId, note } of items) {
      const card = cards.get(refOf({ productId, variantId }));
      if (card !== undefined && !wanted.has(refOf(card))) wanted.set(refOf(card), { id: uuidv7(), card, note });
    }
    const skipped = items.filter((item) => !cards.has(refOf(item)));
    const { userId } = userOf(call);
    const { list, added } = await this.database.transaction(async (tx) => {
      await this.wishers.takeTurn(tx, userId);
      const list = await this.lists.default(tx, userId);
      const known = await this.entries.likes(
        tx,
        list.id,
        [...wanted.values()].map(({ card }) => card),
      );
      const fresh = [...wanted].filter(([ref]) => !known.has(ref)).map(([, entry]) => entry);
      if (fresh.length > 0) await this.insert(tx, list, fresh);
      return { list: await this.lists.default(tx, userId), added: fresh.length };
    });
    return {
      collection: collectionOf(list, true),
      added,
      existing: items.length - skipped.length - added,
      skipped: skipped.map(({ productId, variantId }) => ({ productId, ...(variantId === undefined ? {} : { variantId }) })),
    };
  }

  async counts({ productIds }: CountWishes): Promise<WishCounts> {
    const asked = productIds.toLowerCase().split(',');
    const counts = await this.entries.counts(asked);
    return { items: asked.map((productId) => ({ productId, count: counts.get(productId) ?? 0 })) };
  }

  /** In the user's turn, and not while the cart takes what is changed. */
  private changing<T>(userId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.moves.unlessLeaving(() =>
      this.database.transaction(async (tx) => {
        await this.wishers.takeTurn(tx, userId);
        return work(tx);
      }),
    );
  }

  private async addOne(tx: Transaction, list: CollectionRow, entry: NewEntry): Promise<{ entry: EntryRow; added: boolean }> {
    const like = await this.entries.like(tx, list.id, entry.card.productId, entry.card.variantId ?? null);
    if (like !== undefined) return { entry: like, added: false };
    return { entry: (await this.insert(tx, list, [entry]))[0] as EntryRow, added: true };
  }

  private async insert(tx: Transaction, list: CollectionRow, entries: readonly NewEntry[]): Promise<EntryRow[]> {
    if (list.item_count + entries.length > MAX_ENTRIES) throw full();
    const made = await this.entries.insert(tx, list, entries);
    for (const { is_first, product_id: productId, added_at } of made)
      if (is_first) tx.publish(wishlistApi.events.wished, { userId: list.user_id, productId, at: added_at.toISOString() });
    return made;
  }

  /** A like entry in the other list stays, and stands for both. */
  private async moveOne(tx: Transaction, userId: string, from: WishRef, to: string, call: Call): Promise<EntryRow> {
    const [entry, target] = await Promise.all([this.entries.own(tx, userId, from), this.lists.own(tx, to, userId)]);
    if (entry === undefined || target === undefined) throw notFound();
    if (from.id === to) return entry;
    await this.moves.requireNone(tx, entry.id);
    const like = await this.entries.like(tx, to, entry.product_id, entry.variant_id);
    if (like !== undefined) {
      await this.entries.remove(tx, entry.id);
      noteResult(tx, call, like.id);
      return like;
    }
    const moved = await this.entries.move(tx, entry.id, to);
    if (moved === undefined) throw full();
    return moved;
  }
}

const full = (): Refusal => wishlistApi.refuse('wishlist.collection_full', `A list takes at most ${MAX_ENTRIES} entries`);
