import { Injectable } from '@nestjs/common';
import type { OrderSearch } from '#libs/contracts/order/api';
import type { OrderPage } from '#libs/contracts/order/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import { itemsOf, VISIBLE } from './order.repository.ts';
import { type OrderRow, orderOf } from './order-row.ts';

/** What a search text stands for; `part` of an order's number or of the name it goes to. */
export type SearchText = { readonly ownedBy: string } | { readonly phone: string } | { readonly part: string };

export interface Filters extends Omit<OrderSearch, 'limit' | 'cursor' | 'from' | 'to'> {
  /** Milliseconds. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Statements of staff's list of orders. What no change of an order touches is found in `order_search`, which a trigger writes. */
@Injectable()
export class OrderSearchRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async search(filters: Filters, text: SearchText | undefined, limit: number, cursor: string | undefined): Promise<OrderPage> {
    // Read in the order of its own indexes where something of it is asked for, and each bound stands on the column that these begin or end at.
    const isInWords = filters.paymentMethod !== undefined || (text !== undefined && !('ownedBy' in text));
    const orderId = isInWords ? sql`words.order_id` : sql`id`;
    const conditions = [VISIBLE, ...conditionsOf(filters, orderId), ...(text === undefined ? [] : [searchCondition(text)])];
    const list = `orders of all ${JSON.stringify(Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1)))}`;
    if (cursor !== undefined) conditions.push(sql`${orderId} < ${this.cursors.decode(cursor, list)[0]}::uuid`);
    const rows = await this.database.rows<OrderRow>(
      plannedByValues(sql`
        SELECT orders.* FROM orders ${when(isInWords, () => sql`JOIN order_search words ON words.order_id = id`)}
        WHERE ${joined(conditions, ' AND ')} ORDER BY ${orderId} DESC LIMIT ${limit + 1}`),
    );
    const page = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
    const ids = page.items.map(({ id }) => id);
    const items = Map.groupBy(await itemsOf(this.database, ids), (item) => item.order_id);
    return { items: page.items.map((row) => orderOf(row, items.get(row.id) ?? [])), nextCursor: page.nextCursor };
  }
}

function searchCondition(text: SearchText): Sql {
  if ('ownedBy' in text) return sql`user_id = ${text.ownedBy}`;
  if ('phone' in text) return sql`words.phone = ${text.phone}`;
  return sql`(words.order_number LIKE ${contained(text.part.toUpperCase())} OR words.name LIKE ${contained(text.part.toLowerCase())})`;
}

const contained = (part: string): string => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`;

function conditionsOf({ status, paymentStatus, paymentMethod, userId, from, to }: Filters, orderId: Sql): Sql[] {
  return [
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(paymentStatus === undefined ? [] : [sql`payment_status = ${paymentStatus}`]),
    ...(paymentMethod === undefined ? [] : [sql`words.method = ${paymentMethod}`]),
    ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
    ...(from === undefined ? [] : since(orderId, clamped(from))),
    ...(to === undefined ? [] : until(orderId, clamped(to))),
  ];
}

/** Milliseconds that an id and its order's time may differ by. The bound on ids lets the index scan begin and end near its rows. */
const APART_MS = 60_000;
const since = (orderId: Sql, at: number): Sql[] => [
  sql`created_at >= ${new Date(at)}`,
  sql`${orderId} >= ${firstIdAt(at - APART_MS)}::uuid`,
];
const until = (orderId: Sql, at: number): Sql[] => [sql`created_at < ${new Date(at)}`, sql`${orderId} < ${firstIdAt(at + APART_MS)}::uuid`];

/** Of a UUIDv7, whose first 48 bits are milliseconds. */
const MAX_MS = 2 ** 48 - 1;
function firstIdAt(at: number): string {
  const hex = clamped(at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
/** Postgres has no times before 4713 BC, ids none outside 48 bits. */
const clamped = (at: number): number => Math.min(Math.max(at, 0), MAX_MS);
