import { Injectable } from '@nestjs/common';
import type { ProductFilter, ProductPage } from '#libs/contracts/product';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, type Sql, type Statement, sql, when } from '#libs/persistence/sql';
import { PRODUCT_COLUMNS, type ProductRow, productOf } from './product.repository.ts';
import { isUuid } from './product.ts';

const EXACT_UP_TO = 10_000;

interface Sort {
  readonly column: Sql;
  readonly descending: boolean;
  readonly cast: Sql;
  readonly keyOf: (row: ProductRow) => string | number;
}

/** Each with an index of its own in `products`; the id makes the order total. */
const SORTS: Readonly<Record<string, Sort>> = {
  newest: { column: sql`p.created_at`, descending: true, cast: sql`::timestamptz`, keyOf: (row) => row.createdAt.toISOString() },
  price_asc: { column: sql`p.price`, descending: false, cast: sql`::bigint`, keyOf: (row) => row.price },
  price_desc: { column: sql`p.price`, descending: true, cast: sql`::bigint`, keyOf: (row) => row.price },
  popular: { column: sql`p.units_sold`, descending: true, cast: sql`::bigint`, keyOf: (row) => row.unitsSold },
  rating: { column: sql`p.rating_average`, descending: true, cast: sql`::numeric`, keyOf: (row) => row.ratingAverage },
};

/** Planned with its values each time: a rare colour and a common one want different plans, and the generic plan of a named statement is one for both. */
const plannedByValue = ({ text, values }: Statement): Statement => ({ name: '', text, values });

const EMPTY_PAGE: ProductPage = { items: [], nextCursor: null, total: 0, totalIsExact: true };

/** The catalogue as lists show it. */
@Injectable()
export class ListingRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
  ) {}

  /** Three statements at most, whatever the page size. @throws BadCursor */
  async page(filter: ProductFilter): Promise<ProductPage> {
    const { limit, cursor, sort: sortName, ...filters } = filter;
    const sort = SORTS[sortName] as Sort;
    const list = JSON.stringify([
      'products',
      sortName,
      Object.entries(filters)
        .filter(([, value]) => value !== undefined)
        .sort(),
    ]);
    const after = cursor === undefined ? undefined : this.cursors.decode(cursor, list);
    // Postgres has no text with NUL, so nothing is named so.
    if (Object.values(filters).some((value) => typeof value === 'string' && value.includes('\0'))) return EMPTY_PAGE;
    const categoryIds = filter.category === undefined ? undefined : await this.subtree(filter.category);
    if (categoryIds?.length === 0) return EMPTY_PAGE;
    const matching = sql`p.listed ${this.conditions(filter, categoryIds)}`;
    const direction = sort.descending ? sql`DESC` : sql`ASC`;
    const beyond = sort.descending ? sql`<` : sql`>`;
    const [rows, counted] = await Promise.all([
      this.database.rows<ProductRow>(
        plannedByValue(sql`
          SELECT ${PRODUCT_COLUMNS} FROM products p WHERE ${matching}
          ${when(after !== undefined, () => sql`AND (${sort.column}, p.id) ${beyond} (${after?.[0]}${sort.cast}, ${after?.[1]}::uuid)`)}
          ORDER BY ${sort.column} ${direction}, p.id ${direction} LIMIT ${limit + 1}`),
      ),
      this.database.row<{ total: number }>(
        plannedByValue(
          sql`SELECT count(*) AS total FROM (SELECT 1 FROM products p WHERE ${matching} LIMIT ${EXACT_UP_TO + 1}) AS matching_products`,
        ),
      ),
    ]);
    const { items, nextCursor } = pageOf(rows, limit, (row) => this.cursors.encode([sort.keyOf(row), row.id], list));
    const total = counted?.total ?? 0;
    return { items: items.map(productOf), nextCursor, total: Math.min(total, EXACT_UP_TO), totalIsExact: total <= EXACT_UP_TO };
  }

  /** The category, by id or slug, and all below it; empty when there is none. */
  private async subtree(category: string): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(sql`
      SELECT below.id FROM categories named JOIN categories below ON below.path @> ARRAY[named.id]
      WHERE ${isUuid(category) ? sql`named.id = ${category}` : sql`named.slug = ${category}`}`);
    return rows.map(({ id }) => id);
  }

  private conditions(filter: ProductFilter, categoryIds: readonly string[] | undefined): Sql {
    const { brand, size, color, minPrice, maxPrice, inStock, minRating } = filter;
    const ofVariant = [
      ...(size === undefined ? [] : [sql`lower(v.size) = lower(${size})`]),
      ...(color === undefined ? [] : [sql`lower(v.color) = lower(${color})`]),
      ...(minPrice === undefined && maxPrice === undefined ? [] : [sql`v.price <@ ${priceRange(minPrice, maxPrice)}`]),
    ];
    // What one variant must fulfil narrows the products first, by an index of theirs.
    const mark = inStock === true ? '+' : '';
    const terms = [
      ...(size === undefined ? [] : [sql`${`${mark}size:`}::text || lower(${size}::text)`]),
      ...(color === undefined ? [] : [sql`${`${mark}color:`}::text || lower(${color}::text)`]),
      ...(inStock === false && ofVariant.length === 0 ? [sql`'out'::text`] : []),
    ];
    const isOneTerm = ofVariant.length === 1 && terms.length === 1 && inStock !== false;
    return joined(
      [
        ...(categoryIds === undefined ? [] : [sql`AND p.category_id = ANY(${categoryIds}::uuid[])`]),
        ...(brand === undefined ? [] : [sql`AND lower(p.brand) = lower(${brand})`]),
        ...(minRating === undefined ? [] : [sql`AND p.rating_average >= ${minRating}::numeric`]),
        ...(inStock === true ? [sql`AND p.in_stock`] : []),
        ...(terms.length === 0 ? [] : [sql`AND p.terms @> ARRAY[${joined(terms, ', ')}]`]),
        ...(minPrice === undefined && maxPrice === undefined
          ? []
          : [sql`AND int8range(p.price, p.highest_price, '[]') && ${priceRange(minPrice, maxPrice)}`]),
        ...(ofVariant.length === 0 || isOneTerm ? [] : [this.someVariant(ofVariant, inStock)]),
      ],
      ' ',
    );
  }

  /** One variant that is all of it: an M in red at that price, in stock. */
  private someVariant(conditions: readonly Sql[], inStock: boolean | undefined): Sql {
    return sql`AND EXISTS (
      SELECT 1 FROM variants v ${when(inStock !== undefined, () => sql`JOIN stock s ON s.variant_id = v.id`)}
      WHERE v.product_id = p.id AND v.withdrawn_at IS NULL AND ${joined(conditions, ' AND ')}
      ${when(inStock !== undefined, () => sql`AND (s.on_hand > s.reserved) = ${inStock}::boolean`)})`;
  }
}

/** Paise, both ends included; open where none is given. */
const priceRange = (min: number | undefined, max: number | undefined): Sql =>
  sql`int8range(${min ?? null}::bigint, ${max ?? null}::bigint, '[]')`;
