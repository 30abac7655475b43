import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Call } from '#libs/contracts/call';
import { invalid, Refusal } from '#libs/contracts/errors';
import type { OrderSearch } from '#libs/contracts/order/api';
import type { OrderPage } from '#libs/contracts/order/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, type Sql, sql } from '#libs/persistence/sql';
import { itemsOf } from './after-sales/order-changes.repository.ts';
import { type OrderRow, orderOf } from './order-row.ts';

/** A mobile number as people write it, `+91` or not, with blanks or hyphens between. */
const PHONE = /^(?:\+?91)?([6-9]\d{9})$/;

/** Orders of everybody, for staff. */
@Injectable()
export class OrderSearchHandlers {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
  ) {}

  async search(filter: OrderSearch, _call: Call): Promise<OrderPage> {
    const { limit, cursor, ...filters } = filter;
    const conditions = [sql`status NOT IN ('placing', 'refused')`, ...conditionsOf(filters)];
    if (filters.q !== undefined) {
      const meant = await this.meantBy(filters.q.trim());
      if (meant === undefined) return { items: [], nextCursor: null };
      conditions.push(meant);
    }
    const list = `orders of all ${JSON.stringify(Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1)))}`;
    if (cursor !== undefined) conditions.push(sql`id < ${this.cursors.decode(cursor, list)[0]}::uuid`);
    const rows = await this.database.rows<OrderRow>(
      sql`SELECT * FROM orders WHERE ${joined(conditions, ' AND ')} ORDER BY id DESC LIMIT ${limit + 1}`,
    );
    const page = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
    const items = Map.groupBy(
      await itemsOf(
        this.database,
        page.items.map(({ id }) => id),
      ),
      (item) => item.order_id,
    );
    return { items: page.items.map((row) => orderOf(row, items.get(row.id) ?? [])), nextCursor: page.nextCursor };
  }

  /** Undefined when it can be nobody's. */
  private async meantBy(q: string): Promise<Sql | undefined> {
    if (q.includes('\0')) return undefined;
    if (q.includes('@')) {
      const owner = await this.ownerOf(q);
      return owner === undefined ? undefined : sql`user_id = ${owner}`;
    }
    const [, digits] = PHONE.exec(q.replaceAll(/[\s-]/g, '')) ?? [];
    if (digits !== undefined) return sql`shipping_address ->> 'phone' = ${`+91${digits}`}`;
    return sql`number = ${q.toUpperCase()}`;
  }

  private async ownerOf(email: string): Promise<string | undefined> {
    try {
      return (await this.auth.findByEmail({ email })).userId;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}

function conditionsOf({ status, paymentStatus, paymentMethod, userId, from, to }: Partial<OrderSearch>): Sql[] {
  return [
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(paymentStatus === undefined ? [] : [sql`payment_status = ${paymentStatus}`]),
    ...(paymentMethod === undefined ? [] : [sql`payment_method = ${paymentMethod}`]),
    ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
    ...(from === undefined ? [] : since(instantOf('from', from))),
    ...(to === undefined ? [] : until(instantOf('to', to))),
  ];
}

/** An id and its order's time are taken from the clock one after the other. The bound on ids lets the walk along them begin and end near its rows. */
const APART_MS = 60_000;
const since = (at: number): Sql[] => [sql`created_at >= ${new Date(at)}`, sql`id >= ${firstIdAt(at - APART_MS)}::uuid`];
const until = (at: number): Sql[] => [sql`created_at < ${new Date(at)}`, sql`id < ${firstIdAt(at + APART_MS)}::uuid`];

/** Of a UUIDv7, whose first 48 bits are milliseconds. */
const MAX_MS = 2 ** 48 - 1;
function firstIdAt(at: number): string {
  const hex = clamped(at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
const clamped = (at: number): number => Math.min(Math.max(at, 0), MAX_MS);

/** Milliseconds. ISO 8601 has days that the calendar has not, and years that Postgres has not. */
function instantOf(path: string, text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid([{ path, message: 'must be a time like 2026-11-24T06:30:00.000Z' }]);
  return clamped(at);
}
