import type { ProductFilter } from '#libs/contracts/product/listing';
import { joined, type Sql, sql, when } from '#libs/persistence/sql';
import { valuesIn } from './asked-values.ts';
import { bothTerm } from './listing-summary.repository.ts';

/** What a filter asks of `products p`, in the pieces that indexes answer; `lists.md` has an example. Only listed products match. */
export interface Matching {
  /** On columns that the sorts' indexes carry, and on terms; the price aside. */
  readonly conditions: Sql;
  /** Nothing is asked but a category, and a price that is open on one side. Counts know these, and one plan fits all their values. */
  readonly isPlain: boolean;
  /** What a walk in a sort's order passes over on its way from match to match: nothing, entries of the index, or whole rows, which cost ten times as much. */
  readonly passesOver: 'nothing' | 'entries' | 'rows';
  /** The price ranges that overlap with what is asked, as one condition. */
  readonly price: Sql | undefined;
  /** The same as disjoint parts, each a range of an index: cheapest variant within; begins below and reaches into it. */
  readonly prices: { readonly within: Sql; readonly reaching: Sql | undefined };
}

const ALL = sql``;

export function filtersOf(filter: ProductFilter): Matching {
  const { brand, minRating, inStock, minPrice, maxPrice } = filter;
  const hasPrice = minPrice !== undefined || maxPrice !== undefined;
  const terms = termsOf(filter, hasPrice);
  const conditions = [
    ...(brand === undefined ? [] : [sql`AND lower(p.brand) ${anyOf(brand)}`]),
    ...(minRating === undefined ? [] : [sql`AND p.rating_average >= ${minRating}::numeric`]),
    ...(inStock === true ? [sql`AND p.in_stock`] : []),
    ...(terms.length === 0 ? [] : [sql`AND p.terms ${terms.length === 1 ? sql`@>` : sql`&&`} ARRAY[${joined(padded(terms), ', ')}]`]),
    ...(hasPrice ? [variantWithin(filter)] : []),
  ];
  const within = sql`${when(minPrice !== undefined, () => sql`AND p.price >= ${minPrice}::bigint`)}
    ${when(maxPrice !== undefined, () => sql`AND p.price <= ${maxPrice}::bigint`)}`;
  return {
    conditions: joined(conditions, ' '),
    isPlain: conditions.every((condition) => condition === ALL),
    passesOver: terms.length > 0 ? 'rows' : brand !== undefined || minRating !== undefined || inStock !== undefined ? 'entries' : 'nothing',
    price: hasPrice
      ? sql`${when(minPrice !== undefined, () => sql`AND p.highest_price >= ${minPrice}::bigint`)}
          ${when(maxPrice !== undefined, () => sql`AND p.price <= ${maxPrice}::bigint`)}`
      : undefined,
    prices: {
      within,
      reaching:
        minPrice === undefined
          ? undefined
          : sql`AND p.highest_price > p.price AND int8range(p.price, p.highest_price, '[]') @> ${minPrice}::bigint AND p.price < ${minPrice}::bigint`,
    },
  };
}

/** The terms of which a variant of such a size, colour and stock gives its product one. */
function termsOf({ size, color, inStock }: ProductFilter, hasPrice: boolean): Sql[] {
  const mark = inStock === undefined ? '' : inStock ? '+' : '-';
  const [sizes, colors] = [size, color].map((text) => (text === undefined ? undefined : valuesIn(text)));
  if (sizes !== undefined && colors !== undefined)
    return sizes.flatMap((one) => colors.map((other) => sql`${mark}::text || ${bothTerm(sql`${one}::text`, sql`${other}::text`)}`));
  if (sizes !== undefined) return sizes.map((one) => sql`${`${mark}size:`}::text || lower(${one}::text)`);
  if (colors !== undefined) return colors.map((one) => sql`${`${mark}color:`}::text || lower(${one}::text)`);
  if (inStock === false) return [hasPrice ? sql`'some-out'::text` : sql`'out'::text`];
  return [];
}

/** The last one again, up to a power of two: statements that differ in length alone are few. */
function padded(pieces: readonly Sql[]): Sql[] {
  const last = pieces.at(-1);
  const length = 2 ** Math.ceil(Math.log2(pieces.length));
  return last === undefined ? [] : [...pieces, ...Array.from({ length: length - pieces.length }, () => last)];
}

/** For a text in lower case: is one of those that are asked for. */
function anyOf(asked: string): Sql {
  const values = valuesIn(asked).map((value) => sql`lower(${value}::text)`);
  return values.length === 1 ? sql`= ${joined(values, ', ')}` : sql`= ANY(ARRAY[${joined(padded(values), ', ')}])`;
}

/**
 * One variant that is all of it: an M in red at that price, in stock. Where all prices of a product are within the range its term has said so;
 * only where a bound cuts through them are the variants looked at. Not an EXISTS, which the planner may answer by reading all variants at once.
 */
function variantWithin({ size, color, inStock, minPrice, maxPrice }: ProductFilter): Sql {
  const isAnyVariant = size === undefined && color === undefined && inStock === undefined;
  // The cheapest or the dearest variant is within an open range that the product's prices overlap.
  if (isAnyVariant && (minPrice === undefined || maxPrice === undefined)) return ALL;
  const bounds = [
    ...(minPrice === undefined ? [] : [sql`p.price >= ${minPrice}::bigint`]),
    ...(maxPrice === undefined ? [] : [sql`p.highest_price <= ${maxPrice}::bigint`]),
  ];
  return sql`AND (${joined(bounds, isAnyVariant ? ' OR ' : ' AND ')} OR coalesce((
    SELECT true FROM variants v ${when(inStock !== undefined, () => sql`JOIN stock s ON s.variant_id = v.id`)}
    WHERE v.product_id = p.id AND v.withdrawn_at IS NULL
      ${when(size !== undefined, () => sql`AND lower(v.size) ${anyOf(size ?? '')}`)}
      ${when(color !== undefined, () => sql`AND lower(v.color) ${anyOf(color ?? '')}`)}
      ${when(minPrice !== undefined, () => sql`AND v.price >= ${minPrice}::bigint`)}
      ${when(maxPrice !== undefined, () => sql`AND v.price <= ${maxPrice}::bigint`)}
      ${when(inStock !== undefined, () => sql`AND (s.on_hand > s.reserved) = ${inStock}::boolean`)}
    LIMIT 1), false))`;
}
