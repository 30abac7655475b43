import { Injectable } from '@nestjs/common';
import type { PastOfVariant } from '#libs/contracts/product/staff';
import type { PriceHistory } from '#libs/contracts/product/staff-views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';

/** Of a variant `v`: the least that it has cost in the last 30 days, its present price included. */
export const LOWEST_PRICE = sql`least(v.price, (
  SELECT min(past.price) FROM past_prices past WHERE past.variant_id = v.id AND past.until > now() - interval '30 days'))`;

/** Behind every other; the present price ends never. */
const PRESENT_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

interface PriceRow {
  readonly id: string;
  readonly price: number;
  readonly mrp: number;
  readonly until: Date;
}

/** What variants cost before; triggers keep it, whoever changes a price. */
@Injectable()
export class PriceHistoryRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** The present price comes first. Undefined unless the variant is a live one of this live product. */
  async page({ id, variantId, limit, cursor }: PastOfVariant): Promise<PriceHistory | undefined> {
    const list = `price-history ${variantId}`;
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    const present = await this.database.row<{ price: number; mrp: number; lowestPrice30Days: number }>(sql`
      SELECT v.price, v.mrp, ${LOWEST_PRICE} AS "lowestPrice30Days" FROM variants v JOIN products p ON p.id = v.product_id
      WHERE v.id = ${variantId} AND v.product_id = ${id} AND v.withdrawn_at IS NULL AND p.withdrawn_at IS NULL`);
    if (present === undefined) return undefined;
    const { lowestPrice30Days, ...now } = present;
    const rows = await this.database.rows<PriceRow>(sql`
      SELECT id, price, mrp, until FROM past_prices WHERE variant_id = ${variantId}
        ${when(after !== undefined, () => sql`AND (until, id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`)}
      ORDER BY until DESC, id DESC LIMIT ${limit + 1}`);
    const entries = after === undefined ? [{ ...now, id: PRESENT_ID, until: null }, ...rows] : rows;
    const keyOf = ({ until, id }: (typeof entries)[number]): string[] => [until?.toISOString() ?? 'infinity', id];
    const { items, nextCursor } = pageOf(entries, limit, (last) => this.cursors.encode(keyOf(last), list));
    return {
      items: items.map(({ price, mrp, until }) => ({ price, mrp, until: until?.toISOString() ?? null })),
      nextCursor,
      lowestPrice30Days,
    };
  }
}
