import { Injectable } from '@nestjs/common';
import { MAX_COLLECTIONS, type Privacy } from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { type CollectionRow, nameKeyOf, newToken } from './wishlist.ts';

@Injectable()
export class CollectionRepository {
  constructor(private readonly database: Database) {}

  /** By their place; `productId`: only those that hold it. */
  ofUser(userId: string, { isOwner, productId }: { isOwner: boolean; productId?: string | undefined }): Promise<CollectionRow[]> {
    return this.database.rows<CollectionRow>(sql`
      SELECT * FROM collections c WHERE user_id = ${userId}
        ${when(!isOwner, () => sql`AND privacy = 'public'`)}
        ${when(productId !== undefined, () => sql`AND EXISTS (SELECT FROM entries e WHERE e.collection_id = c.id AND e.product_id = ${productId})`)}
      ORDER BY position`);
  }

  async hasAny(userId: string): Promise<boolean> {
    return (await this.database.row(sql`SELECT 1 FROM collections WHERE user_id = ${userId} LIMIT 1`)) !== undefined;
  }

  find(id: string, queries: Queries = this.database): Promise<CollectionRow | undefined> {
    return queries.row<CollectionRow>(sql`SELECT * FROM collections WHERE id = ${id}`);
  }

  byToken(token: string): Promise<CollectionRow | undefined> {
    return this.database.row<CollectionRow>(sql`SELECT * FROM collections WHERE share_token = ${token} AND privacy = 'link'`);
  }

  own(tx: Transaction, id: string, userId: string): Promise<CollectionRow | undefined> {
    return tx.row<CollectionRow>(sql`SELECT * FROM collections WHERE id = ${id} AND user_id = ${userId}`);
  }

  default(tx: Transaction, userId: string): Promise<CollectionRow> {
    return tx.row<CollectionRow>(sql`SELECT * FROM collections WHERE user_id = ${userId} AND is_default`) as Promise<CollectionRow>;
  }

  /** In the user's turn. Undefined when there are as many as there may be. @throws a unique violation of `collections_name` */
  insert(
    tx: Transaction,
    userId: string,
    { id, name, privacy }: { id: string; name: string; privacy: Privacy },
  ): Promise<CollectionRow | undefined> {
    return tx.row<CollectionRow>(sql`
      INSERT INTO collections (id, user_id, name, name_key, privacy, share_token, position)
      SELECT ${id}, ${userId}, ${name}, ${nameKeyOf(name)}, ${privacy}, ${privacy === 'link' ? newToken() : null}, count(*)
      FROM collections WHERE user_id = ${userId} HAVING count(*) < ${MAX_COLLECTIONS}
      RETURNING *`);
  }

  rename(tx: Transaction, id: string, name: string): void {
    tx.send(sql`UPDATE collections SET name = ${name}, name_key = ${nameKeyOf(name)}, updated_at = now() WHERE id = ${id}`);
  }

  /** A token goes for good when its list is no longer shared by link. */
  setPrivacy(tx: Transaction, id: string, privacy: Privacy): void {
    tx.send(sql`
      UPDATE collections SET privacy = ${privacy}, share_token = ${privacy === 'link' ? newToken() : null}, updated_at = now()
      WHERE id = ${id} AND privacy <> ${privacy}`);
  }

  /** In the user's turn: those between the two places close up. Beyond the last is the last. */
  place(tx: Transaction, { id, user_id, position: from }: CollectionRow, position: number): void {
    tx.send(sql`
      UPDATE collections c SET position = CASE WHEN c.id = ${id} THEN wanted.place WHEN wanted.place < ${from}::int THEN c.position + 1 ELSE c.position - 1 END,
        updated_at = CASE WHEN c.id = ${id} THEN now() ELSE c.updated_at END
      FROM (SELECT least(${position}::int, count(*) - 1)::int AS place FROM collections WHERE user_id = ${user_id}) AS wanted
      WHERE c.user_id = ${user_id} AND wanted.place <> ${from}::int
        AND c.position BETWEEN least(wanted.place, ${from}::int) AND greatest(wanted.place, ${from}::int)`);
  }

  /** Undefined unless it is shared by link. */
  renewToken(tx: Transaction, id: string): Promise<CollectionRow | undefined> {
    return tx.row<CollectionRow>(sql`
      UPDATE collections SET share_token = ${newToken()}, updated_at = now() WHERE id = ${id} AND privacy = 'link' RETURNING *`);
  }

  /** With its entries; in the user's turn, those behind it move up. */
  remove(tx: Transaction, { id, user_id, position }: CollectionRow): void {
    tx.send(sql`DELETE FROM collections WHERE id = ${id}`);
    tx.send(sql`UPDATE collections SET position = position - 1 WHERE user_id = ${user_id} AND position > ${position}`);
  }
}
