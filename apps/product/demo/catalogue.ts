import { type Brand, brands } from './brands.ts';
import { categories, type SeedCategory } from './categories.ts';
import { type Colour, colourNamed, slugOf } from './colours.ts';
import { descriptionOf, nameOf, type Subject, sentenceCased } from './copy.ts';
import { deal, mix, stream } from './deal.ts';
import { type Fabric, fabrics } from './fabrics.ts';
import { kidsRanges } from './kids-ranges.ts';
import { mensRanges } from './mens-ranges.ts';
import { patterns } from './patterns.ts';
import { type Cut, type Garment, type Neckline, type Print, pictureName, type Sleeve } from './picture-name.ts';
import type { Range } from './range.ts';
import { womensIndianRanges } from './womens-indian-ranges.ts';
import { womensOtherRanges } from './womens-other-ranges.ts';

export { categories, type SeedCategory } from './categories.ts';

export interface SeedVariant {
  readonly sku: string;
  readonly size: string;
  readonly color: string;
  /** Paise, GST included; at most `mrp`. */
  readonly price: number;
  /** Paise. */
  readonly mrp: number;
  readonly onHand: number;
}

export interface SeedProduct {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly brand: string;
  readonly categorySlug: string;
  /** Six digits. */
  readonly hsn: string;
  readonly countryOfOrigin: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names for `drawPicture`. The first colour's come first, its front leading; every colour has a front. */
  readonly images: readonly { readonly name: string; readonly alt: string }[];
  readonly variants: readonly SeedVariant[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface CatalogueOptions {
  /** 0..1,000,000; 240 unless given. */
  readonly products?: number;
  readonly seed?: number;
  /** Products were created in the 180 days before this moment. */
  readonly epoch?: Date;
}

export const MAX_SEED_PRODUCTS = 1_000_000;
const DEFAULT_EPOCH = new Date('2026-11-01T00:00:00Z');
const SPREAD_MS = 180 * 24 * 60 * 60 * 1000;
/** No two names or descriptions are alike among so many products at the front: people who browse see no twins, and memory stays bounded. */
const DISTINCT = 5000;

const ranges: readonly Range[] = [...womensIndianRanges, ...womensOtherRanges, ...mensRanges, ...kidsRanges];
const categoryOf = new Map(categories.map((category) => [category.slug, category]));
const brandsOf = (range: Range): readonly Brand[] => brands.filter(({ trades }) => trades.includes(range.trade));
const rangeBrands = new Map(ranges.map((range) => [range.category, brandsOf(range)]));

const sleeveNames: Record<Sleeve, string> = {
  sleeveless: 'Sleeveless',
  short: 'Short sleeves',
  'three-quarter': 'Three-quarter sleeves',
  full: 'Full sleeves',
};
/** Their backs look like their fronts, or are not worth a picture. */
const flatPieces: ReadonlySet<Garment> = new Set<Garment>(['dupatta', 'jhumka', 'necklace', 'bangles', 'jutti', 'kolhapuri']);
const accessories: ReadonlySet<string> = new Set(['footwear', 'jewellery', 'bags']);
const ROUND: readonly Neckline[] = ['round'];
const views = { front: 'front', back: 'seen from the back', detail: 'close-up' } as const;

interface Design extends Subject {
  readonly brandOf: Brand;
  readonly category: SeedCategory;
  readonly print: Print;
  readonly cut: Cut;
}

/** Chooses everything that can be seen and named. `turn` counts the leaf's products. */
function designOf(range: Range, turn: number, seed: number): Design {
  const of = <Element>(pool: readonly Element[], what: string): Element => deal(pool, turn, `${range.category}.${what}`, seed);
  const style = of(range.styles, 'style');
  const printsOn = (prints: readonly Print[]): readonly Print[] =>
    style.prints ? prints.filter((print) => style.prints?.includes(print)) : prints;
  const [fabricName, ...prints] = of(
    range.cloths.filter(([, ...on]) => printsOn(on).length > 0),
    'cloth',
  );
  const print = of(printsOn(prints), `print.${fabricName}`);
  const category = categoryOf.get(range.category);
  if (!category) throw new Error(`no such category: ${range.category}`);
  const neckline = of(range.necklines ?? ROUND, 'neckline');
  const brandOf = of(rangeBrands.get(range.category) ?? [], 'brand');
  return {
    brand: brandOf.name,
    brandOf,
    category,
    range,
    style,
    fabric: fabrics[fabricName],
    print,
    pattern: patterns[print],
    colours: coloursOf(range, turn, seed),
    neckline: range.necklineNames?.[neckline],
    cut: { shape: style.shape, neckline, sleeve: of(range.sleeves ?? ['short'], 'sleeve') },
  };
}

function coloursOf(range: Range, turn: number, seed: number): readonly Colour[] {
  const count = deal([2, 1, 3, 1, 2, 4, 2, 3], turn, `${range.category}.colours`, seed);
  const names = new Set([deal(range.colours, turn, `${range.category}.colour`, seed)]);
  for (let more = 0; names.size < Math.min(count, range.colours.length); more++)
    names.add(deal(range.colours, more, `${range.category}.${turn}`, seed));
  return [...names].map(colourNamed);
}

/** Rupees as a price tag shows them: ending in 49 or 99, from 149 up. */
const priceTag = (rupees: number): number => Math.max(149, Math.ceil((rupees + 1) / 50) * 50 - 1);

function pricesOf({ range, fabric, brandOf }: Design, random: () => number): { price: number; mrp: number } {
  const [low, high] = range.rupees;
  const standing = 0.5 * fabric.cost + 0.15 * brandOf.tier + 0.3 * random();
  const price = priceTag(low * (high / low) ** Math.min(1, standing));
  const discount = [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.25][Math.floor(random() * 8)] ?? 0;
  return { price, mrp: discount === 0 ? price : Math.max(price, priceTag(price / (1 - discount))) };
}

/** Most are well stocked; some sizes run low or out, and costly pieces are kept in small numbers. */
function onHandOf(price: number, random: () => number): number {
  const luck = random();
  if (luck < 0.08) return 0;
  if (luck < 0.22) return 1 + Math.floor(random() * 5);
  return 6 + Math.floor(random() * (price > 4000 ? 10 : price > 1500 ? 40 : 140));
}

const colourCode = (name: string): string =>
  name
    .split(' ')
    .map((word, index) => word.slice(0, index === 0 ? 3 : 1))
    .join('')
    .toUpperCase();

function variantsOf(design: Design, serial: number, random: () => number): SeedVariant[] {
  const { brandOf, category, style, colours } = design;
  const { price, mrp } = pricesOf(design, random);
  const all = style.sizes ?? category.sizes;
  // Not everything is cut in the smallest and the largest size.
  const sizes = all.length < 5 ? all : all.slice(random() < 0.3 ? 1 : 0, random() < 0.3 ? -1 : undefined);
  const largeCosts = random() < 0.25 ? 100 : 0;
  const variants: SeedVariant[] = [];
  for (const [index, colour] of colours.entries()) {
    const reduced = index > 0 && price > 600 && random() < 0.2 ? 100 : 0;
    for (const size of sizes) {
      const extra = size === 'XXL' ? largeCosts : 0;
      variants.push({
        sku: `${brandOf.code}-${serial.toString(36).toUpperCase().padStart(4, '0')}-${colourCode(colour.name)}-${size === 'Free size' ? 'FS' : size.replaceAll(/[ .]/g, '')}`,
        size,
        color: colour.name,
        price: (price + extra - reduced) * 100,
        mrp: (mrp + extra) * 100,
        onHand: onHandOf(price, random),
      });
    }
  }
  return variants;
}

/** Products with pictures of their own; those of a larger catalogue share one picture a look, or it would need gigabytes of them. */
const PICTURED = 240;

function imagesOf({ style, print, pattern, cut: itsCut, colours }: Design, serial: number): SeedProduct['images'] {
  const [number, cut]: [number, Cut] =
    serial < PICTURED ? [serial, itsCut] : [0, { shape: style.shape, neckline: 'round', sleeve: 'three-quarter' }];
  return colours.flatMap((colour, index) => {
    const shown =
      index > 0
        ? (['front'] as const)
        : flatPieces.has(style.garment)
          ? (['front', 'detail'] as const)
          : (['front', 'back', 'detail'] as const);
    const caption = [colour.name, pattern.title, style.name].filter((word) => word !== '').join(' ');
    return shown.map((view) => ({
      name: pictureName(style.garment, colour, print, number, cut, view),
      alt: `${sentenceCased(caption)}, ${views[view]}`,
    }));
  });
}

function attributesOf({ range, style, fabric, pattern, neckline, cut }: Design, turn: number, seed: number): Record<string, string> {
  const of = (pool: readonly string[], what: string): string => deal(pool, turn, `${range.category}.${what}`, seed);
  const fit = style.fit ?? (range.fits.length > 0 ? of(range.fits, 'fit') : undefined);
  return {
    [accessories.has(range.trade) ? 'material' : 'fabric']: fabric.name,
    pattern: pattern.name,
    ...(fit && { fit }),
    ...(neckline && { neckline }),
    ...(range.saysSleeve && { sleeve: sleeveNames[cut.sleeve] }),
    occasion: of(range.occasions, 'occasion'),
    ...Object.fromEntries(Object.entries(range.more ?? {}).map(([key, values]) => [key, of(values, key)])),
    care: fabric.care,
  };
}

function hsnOf(range: Range, fabric: Fabric): string {
  const hsn = range.hsn[fabric.fibre];
  if (!hsn) throw new Error(`no HSN for ${fabric.name} in ${range.category}`);
  return hsn;
}

/**
 * What is made for the turn, or for a turn far ahead where that was used before; and notes that it is used. The pools have many more
 * combinations than the front has products, so a few tries find one; after a thousand a twin is let through.
 */
function firstUnlike<Made>(used: Set<string> | null, turn: number, make: (turn: number) => Made, text: (made: Made) => string): Made {
  let made = make(turn);
  for (let ahead = 1; used?.has(text(made)) && ahead < 1000; ahead++) made = make(turn + ahead * 50_021);
  used?.add(text(made));
  return made;
}

/**
 * The demo shop's products, made one by one as they are asked for: the same for the same seed and epoch, and a shorter catalogue is the
 * beginning of a longer one. Every leaf category comes once in each round of their number. Slugs and SKUs never repeat; names and
 * descriptions not among the first 5,000. Throws RangeError for a count outside 0..1,000,000.
 */
export function* generateCatalogue({
  products = 240,
  seed = 1,
  epoch = DEFAULT_EPOCH,
}: CatalogueOptions = {}): Generator<SeedProduct, void, undefined> {
  if (!Number.isInteger(products) || products < 0 || products > MAX_SEED_PRODUCTS)
    throw new RangeError(`products must be 0..${MAX_SEED_PRODUCTS}`);
  const names = new Set<string>();
  const descriptions = new Set<string>();
  for (let serial = 0; serial < products; serial++) {
    const range = deal(ranges, serial, 'category', seed);
    const turn = Math.floor(serial / ranges.length);
    const front = serial < DISTINCT;
    const named = (at: number): Design & { name: string } => {
      const design = designOf(range, at, seed);
      return { ...design, name: nameOf(design, at, seed) };
    };
    const design = firstUnlike(front ? names : null, turn, named, ({ name }) => name);
    const described = (at: number): string => descriptionOf(design, at, seed);
    const description = firstUnlike(front ? descriptions : null, turn, described, (text) => text);
    const random = stream(mix('product', seed, serial));
    yield {
      slug: `${slugOf(design.name)}-${(serial + 1).toString(36)}`,
      name: design.name,
      description,
      brand: design.brand,
      categorySlug: range.category,
      hsn: hsnOf(range, design.fabric),
      countryOfOrigin: deal(range.origins ?? ['India'], turn, `${range.category}.origin`, seed),
      attributes: attributesOf(design, turn, seed),
      images: imagesOf(design, serial),
      variants: variantsOf(design, serial, random),
      createdAt: new Date(epoch.getTime() - Math.floor(random() * SPREAD_MS)).toISOString(),
    };
  }
}
