import type { FacetColumns } from './facet-columns.ts';

/** Which values of a column are asked for; undefined: all. */
type Marks = Uint8Array | undefined;

/** A list's filters as numbers of the columns. */
export interface FacetQuestion {
  readonly categories: Marks;
  readonly brands: Marks;
  readonly sizes: Marks;
  readonly colors: Marks;
  /** Paise, inclusive. */
  readonly minPrice: number | undefined;
  readonly maxPrice: number | undefined;
  readonly inStock: boolean | undefined;
  /** Hundredths of a star. */
  readonly minRating: number;
  /** Only these places, such as what a search has found; undefined: all. */
  readonly among?: Uint32Array;
}

/**
 * One walk over the products, which counts for every facet: a variant or a product that misses one filter alone still counts for that filter's
 * own facet. The rule is that of the lists: one variant is all that is asked of variants; where only stock is asked for, `inStock: false` means
 * that none is there.
 */
export class FacetCount {
  total = 0;
  readonly categories: Uint32Array;
  readonly brands: Uint32Array;
  readonly sizes: Uint32Array;
  readonly colors: Uint32Array;
  /** Paise; of the variants that fit, whatever they cost. Infinite and 0 where none does. */
  lowest = Number.POSITIVE_INFINITY;
  highest = 0;
  /** The product that was last counted for a size, and for a colour, so that each counts once. */
  private readonly sizeSeen: Uint32Array;
  private readonly colorSeen: Uint32Array;
  private seen = 0;
  private readonly asksOnlyStock: boolean;
  private readonly asksOnlyPrice: boolean;
  private readonly low: number;
  private readonly high: number;

  constructor(
    private readonly columns: FacetColumns,
    private readonly asked: FacetQuestion,
  ) {
    this.categories = new Uint32Array(columns.categories.size);
    this.brands = new Uint32Array(columns.brands.size);
    this.sizes = new Uint32Array(columns.sizes.size);
    this.colors = new Uint32Array(columns.colors.size);
    this.sizeSeen = new Uint32Array(columns.sizes.size);
    this.colorSeen = new Uint32Array(columns.colors.size);
    const { sizes, colors, minPrice, maxPrice, inStock } = asked;
    const asksVariant = sizes !== undefined || colors !== undefined;
    this.asksOnlyStock = !asksVariant && minPrice === undefined && maxPrice === undefined && inStock === false;
    this.asksOnlyPrice = !asksVariant && inStock === undefined;
    this.low = minPrice ?? 0;
    this.high = maxPrice ?? Number.POSITIVE_INFINITY;
  }

  /** How many steps the walk has. */
  get length(): number {
    return this.asked.among?.length ?? this.columns.places;
  }

  /** A part of the walk; each part once. */
  walk(from: number, to: number): void {
    const { among, categories, brands, minRating } = this.asked;
    const { category, brand, rating, first, end } = this.columns;
    for (let step = from; step < to; step += 1) {
      const place = among === undefined ? step : (among[step] as number);
      if (first[place] === end[place] || (rating[place] as number) < minRating) continue;
      const isOfCategory = categories === undefined || categories[category[place] as number] === 1;
      const isOfBrand = brands === undefined || brands[brand[place] as number] === 1;
      if (isOfCategory && isOfBrand) this.take(place);
      else if (isOfCategory || isOfBrand) {
        if (!this.hasVariant(place)) continue;
        if (isOfCategory) this.brands[brand[place] as number] = (this.brands[brand[place] as number] as number) + 1;
        else this.categories[category[place] as number] = (this.categories[category[place] as number] as number) + 1;
      }
    }
  }

  /** A product that misses a filter of its own counts for that facet only, and its variants are looked at until one fits. */
  private hasVariant(place: number): boolean {
    const { low, high } = this;
    if (this.asksOnlyPrice) {
      const [lowest, highest] = [this.columns.lowest[place] as number, this.columns.highest[place] as number];
      if (highest < low || lowest > high) return false;
      if (lowest >= low || highest <= high) return true;
    }
    const { size, color, price, inStock, first, end } = this.columns;
    const { sizes, colors, inStock: stock } = this.asked;
    const wanted = stock === undefined ? -1 : stock ? 1 : 0;
    for (let at = first[place] as number; at < (end[place] as number); at += 1) {
      const isOfStock = wanted === -1 || inStock[at] === wanted;
      if (this.asksOnlyStock) {
        if (!isOfStock) return false;
        continue;
      }
      if (!isOfStock) continue;
      const cost = price[at] as number;
      if (cost < low || cost > high) continue;
      if (sizes !== undefined && sizes[size[at] as number] !== 1) continue;
      if (colors !== undefined && colors[color[at] as number] !== 1) continue;
      return true;
    }
    return this.asksOnlyStock;
  }

  /** A product of the right category and brand counts for all facets that its variants fit. */
  private take(place: number): void {
    const { low, high, columns, sizes: bySize, colors: byColor, sizeSeen, colorSeen } = this;
    const { size, color, price, inStock, first, end } = columns;
    const { sizes, colors, inStock: stock } = this.asked;
    const wanted = stock === undefined ? -1 : stock ? 1 : 0;
    this.seen += 1;
    const { seen } = this;
    const asksVariant = sizes !== undefined || colors !== undefined;
    let fits = false;
    let isOut = true;
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (let at = first[place] as number; at < (end[place] as number); at += 1) {
      if (inStock[at] === 1) isOut = false;
      if (wanted !== -1 && inStock[at] !== wanted) continue;
      const [itsSize, itsColor, cost] = [size[at] as number, color[at] as number, price[at] as number];
      const isOfSize = sizes === undefined || sizes[itsSize] === 1;
      const isOfColor = colors === undefined || colors[itsColor] === 1;
      const isOfPrice = cost >= low && cost <= high;
      if (isOfColor && isOfPrice && sizeSeen[itsSize] !== seen) {
        sizeSeen[itsSize] = seen;
        bySize[itsSize] = (bySize[itsSize] as number) + 1;
      }
      if (isOfSize && isOfPrice && colorSeen[itsColor] !== seen) {
        colorSeen[itsColor] = seen;
        byColor[itsColor] = (byColor[itsColor] as number) + 1;
      }
      if (!isOfSize || !isOfColor) continue;
      if (cost < lowest) lowest = cost;
      if (cost > highest) highest = cost;
      if (isOfPrice) fits = true;
    }
    // Without a size and a colour, a price apart, "not in stock" asks for products of which nothing is there.
    if (stock !== false || asksVariant || isOut) {
      if (lowest < this.lowest) this.lowest = lowest;
      if (highest > this.highest) this.highest = highest;
    }
    if (this.asksOnlyStock ? !isOut : !fits) return;
    this.total += 1;
    const [category, brand] = [columns.category[place] as number, columns.brand[place] as number];
    this.categories[category] = (this.categories[category] as number) + 1;
    this.brands[brand] = (this.brands[brand] as number) + 1;
  }
}
