import { Injectable } from '@nestjs/common';
import type { PastOfVariant, StaffProductQuery } from '#libs/contracts/product/staff';
import type {
  StaffProduct,
  StaffProductDetail,
  StaffProductPage,
  StaffVariant,
  StockMovementPage,
} from '#libs/contracts/product/staff-views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql, when } from '#libs/persistence/sql';
import { MISSING } from './publishing.repository.ts';

const EXACT_UP_TO = 10_000;

interface ProductRow extends Omit<StaffProduct, 'createdAt'> {
  readonly createdAt: Date;
}

const shown = (row: ProductRow): StaffProduct => ({ ...row, createdAt: row.createdAt.toISOString() });

const COLUMNS = sql`
  p.id, p.slug, p.name, p.brand, p.category_id AS "categoryId", p.published, ${MISSING} AS missing,
  coalesce(p.cover ->> 'url', p.images -> 0 ->> 'url') AS image, p.price, p.mrp, live.count AS "variantCount", live.available,
  p.created_at AS "createdAt"`;

const LIVE = sql`CROSS JOIN LATERAL (
  SELECT count(*) AS count, coalesce(sum(s.on_hand - s.reserved), 0) AS available
  FROM variants v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = p.id AND v.withdrawn_at IS NULL) AS live`;

/** The catalogue as staff see it, with drafts and exact stock. */
@Injectable()
export class StaffRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  async page(query: StaffProductQuery): Promise<StaffProductPage> {
    const { limit, cursor, q, state, category } = query;
    const list = JSON.stringify(['staff-products', q, state, category]);
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    const where = joined([sql`p.withdrawn_at IS NULL`, ...conditionsOf(query)], ' AND ');
    const [rows, counted] = await Promise.all([
      this.database.rows<ProductRow>(
        plannedByValues(sql`
          SELECT ${COLUMNS} FROM (
            SELECT p.* FROM products p
            WHERE ${where} ${when(after !== undefined, () => sql`AND (p.created_at, p.id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`)}
            ORDER BY p.created_at DESC, p.id DESC LIMIT ${limit + 1}) AS p ${LIVE}
          ORDER BY p.created_at DESC, p.id DESC`),
      ),
      this.database.row<{ count: number }>(
        plannedByValues(sql`SELECT count(*) FROM (SELECT 1 FROM products p WHERE ${where} LIMIT ${EXACT_UP_TO + 1}) AS found`),
      ),
    ]);
    const total = counted?.count ?? 0;
    const { items, nextCursor } = pageOf(rows, limit, (last) => this.cursors.encode([last.createdAt.toISOString(), last.id], list));
    return { items: items.map(shown), nextCursor, total: Math.min(total, EXACT_UP_TO), totalIsExact: total <= EXACT_UP_TO };
  }

  /** Undefined when unknown or withdrawn. */
  async find(id: string): Promise<StaffProductDetail | undefined> {
    type DetailRow = ProductRow & Omit<StaffProductDetail, keyof StaffProduct | 'variants'>;
    const row = await this.database.row<DetailRow>(sql`
      SELECT ${COLUMNS}, p.description, p.attributes, p.hsn, p.country_of_origin AS "countryOfOrigin", p.images
      FROM products p ${LIVE} WHERE p.id = ${id} AND p.withdrawn_at IS NULL`);
    if (row === undefined) return undefined;
    const variants = await this.database.rows<StaffVariant>(sql`
      SELECT v.id, v.sku, v.size, v.color, v.price, v.mrp, s.on_hand AS "onHand", s.reserved, s.on_hand - s.reserved AS available
      FROM variants v JOIN stock s ON s.variant_id = v.id WHERE v.product_id = ${id} AND v.withdrawn_at IS NULL ORDER BY v.id`);
    return { ...row, createdAt: row.createdAt.toISOString(), variants };
  }

  /** Also of what was withdrawn: the book stays. Undefined where the product never had such a variant. */
  async movements({ id, variantId, limit, cursor }: PastOfVariant): Promise<StockMovementPage | undefined> {
    const list = `stock-movements ${variantId}`;
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    const isThere = await this.database.row(sql`SELECT 1 FROM variants WHERE id = ${variantId} AND product_id = ${id}`);
    if (isThere === undefined) return undefined;
    const rows = await this.database.rows<StockMovementPage['items'][number] & { at: Date }>(sql`
      SELECT id, kind, change, on_hand AS "onHand", reason, caused_by AS "causedBy", created_at AS at
      FROM stock_movements WHERE variant_id = ${variantId} ${when(after !== undefined, () => sql`AND id < ${after?.[0]}::uuid`)}
      ORDER BY id DESC LIMIT ${limit + 1}`);
    const { items, nextCursor } = pageOf(rows, limit, (last) => this.cursors.encode([last.id], list));
    return { items: items.map((row) => ({ ...row, at: row.at.toISOString() })), nextCursor };
  }
}

function conditionsOf({ q, state, category }: StaffProductQuery): Sql[] {
  const conditions: Sql[] = [];
  if (state !== undefined) conditions.push(sql`p.published = ${state === 'published'}`);
  if (category !== undefined) conditions.push(sql`p.category_id IN (SELECT id FROM categories WHERE path @> ARRAY[${category}::uuid])`);
  const words = (q ?? '').replaceAll('\0', '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length > 0) {
    const inNames = joined(
      words.map((word) => sql`position(${word} IN lower(p.name || ' ' || p.brand || ' ' || p.slug)) > 0`),
      ' AND ',
    );
    conditions.push(sql`((${inNames}) OR p.id IN (
      SELECT v.product_id FROM variants v WHERE v.withdrawn_at IS NULL AND starts_with(lower(v.sku), ${words.join(' ')})))`);
  }
  return conditions;
}
