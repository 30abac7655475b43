import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { DemoGoods } from '#libs/runtime/seed';
import { slugOf } from '../src/product.ts';
import { generateCatalogue, type SeedCategory, type SeedProduct, type SeedVariant, categories as shopCategories } from './catalogue.ts';

/** The demo shop's size. */
const DEMO_PRODUCTS = 240;
/** Products that others are told of. */
const KNOWN = 6;
/** Products a transaction; their variants are ten times as many. */
const BATCH = 500;
/** Transactions at a time: while Postgres works on one, the next is made. */
const AT_ONCE = 2;
/** A pool for requests would cut these statements off. */
const LONG = sql`SET LOCAL statement_timeout = '60s'`;
const PROGRESS_MS = 3_000;
/** Any number: two seeds at once take turns. */
const SEED_LOCK = 4_202_200_102;

export interface SeedOptions {
  /** How many products there should be. */
  readonly products?: number;
  readonly say?: (sentence: string) => void;
  readonly categories?: readonly SeedCategory[];
  readonly catalogue?: Iterable<SeedProduct>;
}

/**
 * Fills the catalogue up to `products`, generated ones first; what is there already stays as it is. May run again, and may be cut off: it
 * goes on where it stopped.
 */
export async function seed(
  database: Database,
  env: Readonly<Record<string, string | undefined>>,
  options: SeedOptions = {},
): Promise<{ summary: string[]; goods: DemoGoods[] }> {
  const {
    products = Number(env.SEED_PRODUCTS || DEMO_PRODUCTS),
    say = print,
    categories = shopCategories,
    catalogue = generateCatalogue({ products }),
  } = options;
  const there = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM products`);
  if ((there?.count ?? 0) >= products) return { summary: [`${there?.count} products were there`], goods: await oldest(database) };
  const categoryIds = await database.transaction((tx) => addCategories(tx, categories));
  let seen = 0;
  let added = 0;
  let spokeAt = Date.now();
  const batches = batchesOf(catalogue, BATCH);
  const work = async (): Promise<void> => {
    // All workers draw from the one generator.
    for (let next = batches.next(); next.done !== true; next = batches.next()) {
      const batch = next.value;
      const inserted = await database.transaction((tx) => addProducts(tx, batch, categoryIds));
      added += inserted;
      seen += batch.length;
      if (Date.now() - spokeAt > PROGRESS_MS) {
        spokeAt = Date.now();
        say(`catalogue: ${seen} of ${products} products`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // Until autovacuum comes by, the planner would take the tables for empty.
  await database.transaction(async (tx) => {
    await tx.execute(LONG);
    for (const table of [sql`categories`, sql`products`, sql`variants`, sql`stock`]) await tx.execute(sql`ANALYZE ${table}`);
  });
  return { summary: [`${added} products added`], goods: await oldest(database) };
}

/** What the other services' demo is about: not what stands first in the shop, which people try things with. */
async function oldest(database: Database): Promise<DemoGoods[]> {
  return database.rows<DemoGoods>(sql`
    SELECT p.id, p.slug, p.name, p.cover ->> 'url' AS image, p.price, v.size FROM products p JOIN variants v ON v.id = p.variant_id
    WHERE p.listed AND p.in_stock ORDER BY p.created_at, p.id LIMIT ${KNOWN}`);
}

/** In their order: parents come before their children. Answers the ids by slug. */
async function addCategories(tx: Transaction, categories: readonly SeedCategory[]): Promise<Map<string, string>> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${SEED_LOCK}::bigint)`);
  for (const { slug, name, parentSlug } of categories) {
    const id = uuidv7();
    await tx.execute(sql`
      INSERT INTO categories (id, name, slug, parent_id, path)
      SELECT ${id}::uuid, ${name}::text, ${slug}::text, parent.id, coalesce(parent.path, '{}') || ${id}::uuid
      FROM (SELECT 1) AS one LEFT JOIN categories parent ON parent.slug = ${parentSlug ?? null}::text
      ON CONFLICT (slug) DO NOTHING`);
  }
  const rows = await tx.rows<{ id: string; slug: string }>(sql`SELECT id, slug FROM categories`);
  return new Map(rows.map(({ id, slug }) => [slug, id]));
}

async function addProducts(tx: Transaction, batch: readonly SeedProduct[], categoryIds: ReadonlyMap<string, string>): Promise<number> {
  await tx.execute(LONG);
  // In the order of slugs, so that two seeds at once cannot each wait for the other's row.
  const made = batch.map((product) => productRow(product, categoryIds)).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const rows = made.map(({ product: _, variantIds: __, ...row }) => row);
  const inserted = await tx.rows<{ id: string }>(sql`
    INSERT INTO products (id, slug, name, description, brand, category_id, images, attributes, hsn, country_of_origin,
      variant_id, cover, price, mrp, highest_price, in_stock, terms, listed, created_at)
    SELECT id, slug, name, description, brand, "categoryId", images, attributes, hsn, "countryOfOrigin",
      "variantId", cover, price, mrp, "highestPrice", "inStock", terms, true, "createdAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, slug text, name text, description text, brand text,
      "categoryId" uuid, images jsonb, attributes jsonb, hsn text, "countryOfOrigin" text, "variantId" uuid, cover jsonb, price bigint, mrp bigint, "highestPrice" bigint,
      "inStock" boolean, terms text[], "createdAt" timestamptz)
    ON CONFLICT (slug) DO NOTHING RETURNING id`);
  const isNew = new Set(inserted.map(({ id }) => id));
  const looks: Look[] = [];
  const variants: VariantRow[] = [];
  for (const row of made) if (isNew.has(row.id)) addVariants(row, looks, variants);
  // What all sizes of a colour have in common is sent and read once.
  await tx.execute(sql`
    WITH given AS MATERIALIZED (
      SELECT v.id, l.product_id, v.sku, v.size, l.color, v.price, v.mrp, l.images, v.on_hand
      FROM unnest(${variants.map(({ id }) => id)}::uuid[], ${variants.map(({ look }) => look)}::int[], ${variants.map(({ sku }) => sku)}::text[],
        ${variants.map(({ size }) => size)}::text[], ${variants.map(({ price }) => price)}::bigint[],
        ${variants.map(({ mrp }) => mrp)}::bigint[], ${variants.map(({ onHand }) => onHand)}::int[]) AS v (id, look, sku, size, price, mrp, on_hand)
      JOIN unnest(${looks.map(({ productId }) => productId)}::uuid[], ${looks.map(({ color }) => color)}::text[],
        ${looks.map(({ images }) => JSON.stringify(images))}::jsonb[]) WITH ORDINALITY AS l (product_id, color, images, look) ON l.look = v.look),
    made AS (
      INSERT INTO variants (id, product_id, sku, size, color, price, mrp, images)
      SELECT id, product_id, sku, size, color, price, mrp, images FROM given ON CONFLICT (sku) DO NOTHING RETURNING id)
    INSERT INTO stock (variant_id, on_hand) SELECT given.id, given.on_hand FROM given JOIN made ON made.id = given.id`);
  return inserted.length;
}

interface PictureRow {
  readonly url: string;
  readonly alt: string;
  readonly color?: string;
}

function productRow(product: SeedProduct, categoryIds: ReadonlyMap<string, string>) {
  const categoryId = categoryIds.get(product.categorySlug);
  if (categoryId === undefined) throw new Error(`The category ${product.categorySlug} of ${product.slug} does not exist`);
  const id = newId();
  const colors = [...new Set(product.variants.map(({ color }) => color))];
  const images = product.images.map(({ name, alt }): PictureRow => {
    const url = `/media/catalogue/${name}`;
    const color = colors.find((one) => shows(url, one));
    return { url, alt, ...(color === undefined ? {} : { color }) };
  });
  const variantIds = product.variants.map(() => newId());
  const shown = product.variants.map((variant, index) => ({ ...variant, id: variantIds[index] as string })).reduce(cheaper);
  return {
    id,
    slug: product.slug,
    name: product.name,
    description: product.description,
    brand: product.brand,
    categoryId,
    images,
    attributes: product.attributes,
    hsn: product.hsn,
    countryOfOrigin: product.countryOfOrigin,
    variantId: shown.id,
    cover: imagesOf(images, shown.color)[0] ?? null,
    price: shown.price,
    mrp: shown.mrp,
    highestPrice: Math.max(...product.variants.map(({ price }) => price)),
    inStock: product.variants.some(({ onHand }) => onHand > 0),
    terms: termsOf(product.variants),
    createdAt: new Date(product.createdAt).toISOString(),
    product,
    variantIds,
  };
}

type Priced = SeedVariant & { readonly id: string };

/** The one that a card shows, as the listing's summary chooses it. */
function cheaper(one: Priced, other: Priced): Priced {
  const [a, b] = [one, other].map(({ price, onHand, mrp }) => [price, onHand > 0 ? 0 : 1, mrp]) as [number[], number[]];
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 || (a[at] ?? 0) < (b[at] ?? 0) ? one : other;
}

/** A product in one colour. */
interface Look {
  readonly productId: string;
  readonly color: string;
  readonly images: readonly Omit<PictureRow, 'color'>[];
}

interface VariantRow extends Pick<SeedVariant, 'sku' | 'size' | 'price' | 'mrp' | 'onHand'> {
  readonly id: string;
  /** Its place among the looks, from 1. */
  readonly look: number;
}

function addVariants(
  { id: productId, images, product, variantIds }: ReturnType<typeof productRow>,
  looks: Look[],
  variants: VariantRow[],
): void {
  const placeOf = new Map<string, number>();
  for (const [index, { sku, size, color, price, mrp, onHand }] of product.variants.entries()) {
    let look = placeOf.get(color);
    if (look === undefined) {
      look = looks.push({ productId, color, images: imagesOf(images, color) });
      placeOf.set(color, look);
    }
    variants.push({ id: variantIds[index] as string, look, sku, size, price, mrp, onHand });
  }
}

/** As `ListingSummaryRepository` makes them. */
function termsOf(variants: SeedProduct['variants']): string[] {
  const terms = new Set<string>();
  for (const variant of variants) {
    const [size, color] = [variant.size.toLowerCase(), variant.color.toLowerCase()];
    for (const term of [`size:${size}`, `color:${color}`, `both:${size.length}:${size}${color}`])
      terms.add(term).add(`${variant.onHand > 0 ? '+' : '-'}${term}`);
  }
  if (!variants.some(({ onHand }) => onHand > 0)) terms.add('out');
  if (variants.some(({ onHand }) => onHand === 0)) terms.add('some-out');
  return [...terms];
}

/** A picture's name says which colour it shows; a product of one colour shows all of its pictures. */
const imagesOf = (images: readonly PictureRow[], color: string): { url: string; alt: string }[] =>
  images.filter(({ url }) => shows(url, color)).map(({ url, alt }) => ({ url, alt }));

const shows = (url: string, color: string): boolean => url.includes(`.${slugOf(color)}.`);

/** Asking for the random bytes of a million ids one by one is a quarter of this program's time. */
const random = new Uint8Array(16 * 1_024);
let drawn = random.length;
let serial = 0;

function newId(): string {
  if (drawn === random.length) {
    randomFillSync(random);
    drawn = 0;
  }
  drawn += 16;
  serial += 1;
  return uuidv7({ random: random.subarray(drawn - 16, drawn), seq: serial });
}

function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[], void, undefined> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const print = (sentence: string): void => {
  process.stdout.write(`${sentence}\n`);
};
