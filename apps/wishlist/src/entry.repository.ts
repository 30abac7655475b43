import { Injectable } from '@nestjs/common';
import type { Card } from '#libs/contracts/product/messages';
import { MAX_ENTRIES } from '#libs/contracts/wishlist/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { type EntryRow, refOf, snapshotOf, type WishedFor, wishOf } from './wishlist.ts';

export interface NewEntry {
  readonly id: string;
  readonly card: Card;
  readonly note: string | undefined;
}

@Injectable()
export class EntryRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Newest first. `list`: by what the reader names it, which is what its cursors are good for. */
  async page(
    collectionId: string,
    list: string,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: EntryRow[]; nextCursor: string | null }> {
    const before = cursor === undefined ? undefined : this.cursors.decode(cursor, `entries ${list}`)[0];
    const rows = await this.database.rows<EntryRow>(sql`
      SELECT * FROM entries WHERE collection_id = ${collectionId} ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    return pageOf(rows, limit, ({ id }) => this.cursors.encode([id], `entries ${list}`));
  }

  own(queries: Queries, userId: string, { id, itemId }: { id: string; itemId: string }): Promise<EntryRow | undefined> {
    return queries.row<EntryRow>(sql`SELECT * FROM entries WHERE id = ${itemId} AND collection_id = ${id} AND user_id = ${userId}`);
  }

  like(queries: Queries, collectionId: string, productId: string, variantId: string | null): Promise<EntryRow | undefined> {
    return queries.row<EntryRow>(sql`
      SELECT * FROM entries
      WHERE collection_id = ${collectionId} AND product_id = ${productId} AND variant_id IS NOT DISTINCT FROM ${variantId}::uuid`);
  }

  /** Which of these wishes the list has already, by `refOf`. */
  async likes(tx: Transaction, collectionId: string, wishes: readonly WishedFor[]): Promise<ReadonlySet<string>> {
    const rows = await tx.rows<EntryRow>(sql`
      SELECT entries.* FROM entries
      JOIN unnest(${wishes.map(({ productId }) => productId)}::uuid[], ${wishes.map(({ variantId }) => variantId ?? null)}::uuid[])
        AS wish (product, variant) ON product_id = wish.product AND variant_id IS NOT DISTINCT FROM wish.variant
      WHERE collection_id = ${collectionId}`);
    return new Set(rows.map((row) => refOf(wishOf(row))));
  }

  /**
   * In the turn of the list's owner; the list has room for all of them and none of them yet. `is_first`: the product was in no list of theirs before.
   */
  insert(
    tx: Transaction,
    collection: { id: string; user_id: string },
    entries: readonly NewEntry[],
  ): Promise<(EntryRow & { readonly is_first: boolean })[]> {
    const cards = entries.map(({ card }) => ({ ...snapshotOf(card), card }));
    return tx.rows<EntryRow & { readonly is_first: boolean }>(sql`
      INSERT INTO entries (id, collection_id, user_id, product_id, variant_id, note, added_price, name, slug, image, size, color)
      SELECT id, ${collection.id}, ${collection.user_id}, product_id, variant_id, note, added_price, name, slug, image, size, color
      FROM unnest(${entries.map(({ id }) => id)}::uuid[], ${cards.map(({ card }) => card.productId)}::uuid[],
        ${cards.map(({ card }) => card.variantId ?? null)}::uuid[], ${entries.map(({ note }) => note ?? null)}::text[],
        ${cards.map(({ card }) => card.price)}::bigint[], ${cards.map(({ name }) => name)}::text[], ${cards.map(({ slug }) => slug)}::text[],
        ${cards.map(({ image }) => image)}::text[], ${cards.map(({ size }) => size)}::text[], ${cards.map(({ color }) => color)}::text[])
        AS entry (id, product_id, variant_id, note, added_price, name, slug, image, size, color)
      RETURNING *, NOT EXISTS (SELECT FROM entries had WHERE had.product_id = entries.product_id AND had.user_id = entries.user_id) AS is_first`);
  }

  async remove(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.execute(sql`DELETE FROM entries WHERE id = ${id}`)) === 1;
  }

  /** Undefined where the other list is full. */
  move(tx: Transaction, id: string, collectionId: string): Promise<EntryRow | undefined> {
    return tx.row<EntryRow>(sql`
      UPDATE entries SET collection_id = ${collectionId}
      WHERE id = ${id} AND (SELECT item_count FROM collections WHERE id = ${collectionId}) < ${MAX_ENTRIES}
      RETURNING *`);
  }

  /** What their cards say now, for when the cards are gone. */
  async renew(outdated: readonly { id: string; card: Card }[]): Promise<void> {
    const snapshots = outdated.map(({ card }) => snapshotOf(card));
    await this.database.execute(sql`
      UPDATE entries SET name = now.name, slug = now.slug, image = now.image, size = now.size, color = now.color
      FROM unnest(${outdated.map(({ id }) => id)}::uuid[], ${snapshots.map(({ name }) => name)}::text[], ${snapshots.map(({ slug }) => slug)}::text[],
        ${snapshots.map(({ image }) => image)}::text[], ${snapshots.map(({ size }) => size)}::text[], ${snapshots.map(({ color }) => color)}::text[])
        AS now (id, name, slug, image, size, color)
      WHERE entries.id = now.id`);
  }

  /** People who have each product in a list; those that nobody has are missing. */
  async counts(productIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.database.rows<{ productId: string; wishers: number }>(
      sql`SELECT product_id AS "productId", wishers FROM wish_counts WHERE product_id = ANY(${productIds}::uuid[])`,
    );
    return new Map(rows.map(({ productId, wishers }) => [productId, wishers]));
  }
}
