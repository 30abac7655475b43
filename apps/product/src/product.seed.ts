import { v7 as uuidv7 } from 'uuid';
import { Database, type Transaction } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { generateCatalogue, type SeedCategory, type SeedProduct, categories as shopCategories } from './catalogue/catalogue.ts';
import { slugOf } from './product.ts';

/** The demo shop's size. */
const DEMO_PRODUCTS = 240;
/** Products a transaction; their variants are ten times as many. */
const BATCH = 250;
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
): Promise<{ summary: string[] }> {
  const {
    products = Number(env.SEED_PRODUCTS || DEMO_PRODUCTS),
    say = print,
    categories = shopCategories,
    catalogue = generateCatalogue({ products }),
  } = options;
  const there = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM products`);
  if ((there?.count ?? 0) >= products) return { summary: [`${there?.count} products were there`] };
  const categoryIds = await database.transaction((tx) => addCategories(tx, categories));
  let seen = 0;
  let added = 0;
  let spokeAt = Date.now();
  for (const batch of batchesOf(catalogue, BATCH)) {
    added += await database.transaction((tx) => addProducts(tx, batch, categoryIds));
    seen += batch.length;
    if (Date.now() - spokeAt > PROGRESS_MS) {
      spokeAt = Date.now();
      say(`catalogue: ${seen} of ${products} products`);
    }
  }
  // Until autovacuum comes by, the planner would take the tables for empty.
  await database.transaction(async (tx) => {
    await tx.execute(LONG);
    for (const table of [sql`categories`, sql`products`, sql`variants`, sql`stock`]) await tx.execute(sql`ANALYZE ${table}`);
  });
  return { summary: [`${added} products added`] };
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
  const rows = batch.map((product) => productRow(product, categoryIds)).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const inserted = await tx.rows<{ id: string }>(sql`
    INSERT INTO products (id, slug, name, description, brand, category_id, images, attributes, hsn, country_of_origin,
      price, mrp, highest_price, in_stock, terms, listed, created_at)
    SELECT id, slug, name, description, brand, "categoryId", images, attributes, hsn, "countryOfOrigin",
      price, mrp, "highestPrice", "inStock", terms, true, "createdAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, slug text, name text, description text, brand text,
      "categoryId" uuid, images jsonb, attributes jsonb, hsn text, "countryOfOrigin" text, price bigint, mrp bigint, "highestPrice" bigint,
      "inStock" boolean, terms text[], "createdAt" timestamptz)
    ON CONFLICT (slug) DO NOTHING RETURNING id`);
  const isNew = new Set(inserted.map(({ id }) => id));
  const variants = rows.filter(({ id }) => isNew.has(id)).flatMap(({ variants: own }) => own);
  await tx.execute(sql`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(variants)}::jsonb) AS r (id uuid, "productId" uuid, sku text, size text, color text,
        price bigint, mrp bigint, images jsonb, "onHand" int)),
    made AS (
      INSERT INTO variants (id, product_id, sku, size, color, price, mrp, images)
      SELECT id, "productId", sku, size, color, price, mrp, images FROM given ON CONFLICT (sku) DO NOTHING RETURNING id)
    INSERT INTO stock (variant_id, on_hand) SELECT given.id, given."onHand" FROM given JOIN made ON made.id = given.id`);
  return inserted.length;
}

interface PictureRow {
  readonly url: string;
  readonly alt: string;
}

function productRow(product: SeedProduct, categoryIds: ReadonlyMap<string, string>) {
  const categoryId = categoryIds.get(product.categorySlug);
  if (categoryId === undefined) throw new Error(`The category ${product.categorySlug} of ${product.slug} does not exist`);
  const id = uuidv7();
  const images = product.images.map(({ name, alt }) => ({ url: `/media/catalogue/${name}`, alt }));
  const cheapest = product.variants.reduce((a, b) => (b.price < a.price ? b : a));
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
    price: cheapest.price,
    mrp: cheapest.mrp,
    highestPrice: Math.max(...product.variants.map(({ price }) => price)),
    inStock: product.variants.some(({ onHand }) => onHand > 0),
    terms: termsOf(product.variants),
    createdAt: new Date(product.createdAt).toISOString(),
    variants: product.variants.map(({ sku, size, color, price, mrp, onHand }) => ({
      id: uuidv7(),
      productId: id,
      sku,
      size,
      color,
      price,
      mrp,
      onHand,
      images: imagesOf(images, color),
    })),
  };
}

/** As `summarise` makes them. */
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
function imagesOf(images: readonly PictureRow[], color: string): PictureRow[] {
  return images.filter(({ url }) => url.includes(`.${slugOf(color)}.`));
}

function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
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
