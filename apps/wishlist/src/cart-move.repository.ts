import { Injectable } from '@nestjs/common';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import type { KeyedRequest } from '#libs/persistence/idempotency';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

export interface CartMove {
  readonly entryId: string;
  readonly userId: string;
  readonly variantId: string;
  readonly quantity: number;
  readonly callers: number;
  readonly tries: number;
}

/** Longer than a caller asks the cart. */
const LEASE_SECONDS = 7;
const BATCH = 20;

const COLUMNS = sql`entry_id AS "entryId", user_id AS "userId", variant_id AS "variantId", quantity, callers, tries`;

/** Entries on their way to the cart. */
@Injectable()
export class CartMoveRepository {
  constructor(private readonly database: Database) {}

  find(tx: Transaction, entryId: string): Promise<CartMove | undefined> {
    return tx.row<CartMove>(sql`SELECT ${COLUMNS} FROM cart_moves WHERE entry_id = ${entryId}`);
  }

  /** Entries of a list that are under way. */
  async ofList(tx: Transaction, collectionId: string): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      sql`SELECT id FROM entries JOIN cart_moves ON entry_id = id WHERE collection_id = ${collectionId}`,
    );
    return rows.map(({ id }) => id);
  }

  async begin(
    tx: Transaction,
    move: Pick<CartMove, 'entryId' | 'userId' | 'variantId' | 'quantity'>,
    request: KeyedRequest | undefined,
  ): Promise<CartMove> {
    const begun = await tx.row<CartMove>(sql`
      INSERT INTO cart_moves (entry_id, user_id, variant_id, quantity, request, due_at)
      VALUES (${move.entryId}, ${move.userId}, ${move.variantId}, ${move.quantity}, ${request === undefined ? null : JSON.stringify(request)}::jsonb,
        ${fromNow(LEASE_SECONDS)})
      RETURNING ${COLUMNS}`);
    return begun as CartMove;
  }

  /** One more asks the cart for it. Undefined when it is over. */
  join(entryId: string, queries: Queries = this.database): Promise<CartMove | undefined> {
    return queries.row<CartMove>(sql`
      UPDATE cart_moves SET callers = callers + 1, due_at = ${fromNow(LEASE_SECONDS)} WHERE entry_id = ${entryId} RETURNING ${COLUMNS}`);
  }

  /** Those that whoever asked the cart has left behind. */
  due(): Promise<CartMove[]> {
    return this.database.rows<CartMove>(
      claim({
        table: sql`cart_moves`,
        key: sql`entry_id`,
        due: sql`due_at`,
        limit: BATCH,
        leaseSeconds: LEASE_SECONDS,
        set: sql`callers = callers + 1, tries = tries + 1`,
        returning: COLUMNS,
      }),
    );
  }

  async tryLater(entryId: string, seconds: number): Promise<void> {
    await this.database.execute(sql`UPDATE cart_moves SET due_at = ${fromNow(seconds)} WHERE entry_id = ${entryId}`);
  }

  /** The cart refused: the entry stays, unless somebody has asked since, who will hear for themselves. */
  async giveUp({ entryId, callers }: CartMove): Promise<void> {
    await this.database.execute(sql`DELETE FROM cart_moves WHERE entry_id = ${entryId} AND callers = ${callers}`);
  }

  /** The cart has it: in the user's turn the entry goes, and the key of the request is noted. False when that is done already. */
  async finish({ entryId, userId }: CartMove): Promise<boolean> {
    const gone = await this.database.transaction((tx) => {
      tx.send(sql`SELECT 1 FROM wishers WHERE user_id = ${userId} FOR NO KEY UPDATE`);
      return tx.rowAtCommit<{ gone: number }>(sql`
        WITH gone AS (
          DELETE FROM entries WHERE id = ${entryId} RETURNING id
        ), noted AS (
          INSERT INTO idempotency_keys (actor, route, key, body_hash, result)
          SELECT request ->> 'actor', request ->> 'route', request ->> 'key', request ->> 'bodyHash', entry_id::text
          FROM cart_moves JOIN gone ON gone.id = entry_id WHERE request IS NOT NULL
          ON CONFLICT DO NOTHING
        )
        SELECT 1 AS gone FROM gone`);
    });
    return gone !== undefined;
  }
}
