import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { type Sql, sql } from '#libs/persistence/sql';
import type { ListedProduct } from './facet-columns.ts';

interface Row {
  readonly id: string;
  readonly categoryId: string | null;
  readonly brand: string;
  readonly rating: string;
  readonly isListed: boolean;
  /** Size, colour, price, whether it is there. */
  readonly variants: readonly (readonly [string, string, number, boolean])[] | null;
}

/** A product of the listing, or only its id where it is listed no more. */
export type Change = { readonly id: string; readonly product: ListedProduct | undefined };

export interface Changes {
  /** Every transaction before this one has ended. */
  readonly horizon: string;
  readonly changed: readonly { readonly id: string; readonly by: string }[];
}

const COLUMNS = sql`id, category_id, brand, rating_average, listed`;

/** Reads what the columns hold. */
@Injectable()
export class FacetRepository {
  constructor(private readonly database: Database) {}

  /**
   * Products that a transaction from `horizon` on has changed, and the next horizon. Those that were read already may be among them, for
   * transactions end in another order than they begin. Without a horizon: none.
   */
  async changes(horizon: string | undefined): Promise<Changes> {
    const rows = await this.database.rows<{ horizon: string; id: string | null; by: string | null }>(sql`
      SELECT now_at.horizon, changes.product_id AS id, changes.changed::text AS by
      FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon) AS now_at
      -- A database that was restored elsewhere has numbers of a former life, which lie ahead.
      LEFT JOIN listing_changes changes ON changes.changed >= ${horizon ?? null}::text::xid8 AND changes.changed < pg_snapshot_xmax(pg_current_snapshot())`);
    return {
      horizon: rows[0]?.horizon ?? '0',
      changed: rows.flatMap(({ id, by }) => (id === null || by === null ? [] : [{ id, by }])),
    };
  }

  /** The listed products behind this id, in the order of their ids. */
  async listedAfter(id: string, limit: number): Promise<Change[]> {
    return this.read(sql`SELECT ${COLUMNS} FROM products WHERE id > ${id} AND listed ORDER BY id LIMIT ${limit}`);
  }

  async of(ids: readonly string[]): Promise<Change[]> {
    const found = new Map(
      (await this.read(sql`SELECT ${COLUMNS} FROM products WHERE id = ANY(${ids}::uuid[])`)).map((change) => [change.id, change]),
    );
    return ids.map((id) => found.get(id) ?? { id, product: undefined });
  }

  private async read(products: Sql): Promise<Change[]> {
    const rows = await this.database.rows<Row>(sql`
      SELECT p.id, p.category_id AS "categoryId", p.brand, p.rating_average AS rating, p.listed AS "isListed", live.variants
      FROM (${products}) AS p CROSS JOIN LATERAL (
        SELECT json_agg(json_build_array(v.size, v.color, v.price, s.on_hand > s.reserved)) AS variants
        FROM variants v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = p.id AND v.withdrawn_at IS NULL) AS live
      ORDER BY p.id`);
    return rows.map(({ id, categoryId, brand, rating, isListed, variants }) => ({
      id,
      product:
        isListed && categoryId !== null && variants !== null
          ? {
              ...{ id, categoryId, brand, rating: Number(rating) },
              variants: variants.map(([size, color, price, inStock]) => ({ size, color, price, inStock })),
            }
          : undefined,
    }));
  }
}
