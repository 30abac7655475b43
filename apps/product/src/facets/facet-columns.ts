import { Vocabulary } from './vocabulary.ts';

export interface ListedVariant {
  readonly size: string;
  readonly color: string;
  /** Paise. */
  readonly price: number;
  readonly inStock: boolean;
}

/** What lists ask of a product. */
export interface ListedProduct {
  readonly id: string;
  readonly categoryId: string;
  readonly brand: string;
  /** Stars, 0 to 5. */
  readonly rating: number;
  /** The live ones. */
  readonly variants: readonly ListedVariant[];
}

const FIRST_ROOM = 1_024;

type Numbers = Uint32Array | Float64Array | Uint16Array | Uint8Array;

/** The same numbers with room for at least so many. */
function withRoom<T extends Numbers>(column: T, count: number): T {
  if (count <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => T)(Math.max(count, column.length * 2));
  larger.set(column as never);
  return larger;
}

/**
 * The listed products and their live variants as columns of numbers: some 20 bytes a variant, so that a look at each of a million takes
 * milliseconds. A product has a place; its variants lie side by side.
 */
export class FacetColumns {
  readonly sizes = new Vocabulary();
  readonly colors = new Vocabulary();
  readonly brands = new Vocabulary();
  readonly categories = new Vocabulary();

  category = new Uint32Array(FIRST_ROOM);
  brand = new Uint32Array(FIRST_ROOM);
  /** Hundredths of a star. */
  rating = new Uint16Array(FIRST_ROOM);
  lowest = new Float64Array(FIRST_ROOM);
  highest = new Float64Array(FIRST_ROOM);
  /** Where its variants begin, and where they end; both are the same at a place that no product has. */
  first = new Uint32Array(FIRST_ROOM);
  end = new Uint32Array(FIRST_ROOM);

  size = new Uint32Array(FIRST_ROOM);
  color = new Uint32Array(FIRST_ROOM);
  price = new Float64Array(FIRST_ROOM);
  inStock = new Uint8Array(FIRST_ROOM);

  private readonly placeOf = new Map<string, number>();
  private readonly freePlaces: number[] = [];
  private usedPlaces = 0;
  private usedVariants = 0;
  private liveVariants = 0;

  /** Places are 0 to this; some of them may be free. */
  get places(): number {
    return this.usedPlaces;
  }

  get products(): number {
    return this.placeOf.size;
  }

  /** Undefined where no such product is listed. */
  find(id: string): number | undefined {
    return this.placeOf.get(id);
  }

  /** Adds a product, or takes what is new of it. */
  put(product: ListedProduct): void {
    const { variants } = product;
    if (variants.length === 0) {
      this.drop(product.id);
      return;
    }
    const place = this.placeOf.get(product.id) ?? this.newPlace(product.id);
    const had = (this.end[place] ?? 0) - (this.first[place] ?? 0);
    const first = variants.length <= had ? (this.first[place] ?? 0) : this.makeRoom(variants.length);
    this.liveVariants += variants.length - had;
    this.category[place] = this.categories.codeOf(product.categoryId);
    this.brand[place] = this.brands.codeOf(product.brand);
    this.rating[place] = Math.round(product.rating * 100);
    this.first[place] = first;
    this.end[place] = first + variants.length;
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (const [index, { size, color, price, inStock }] of variants.entries()) {
      this.size[first + index] = this.sizes.codeOf(size);
      this.color[first + index] = this.colors.codeOf(color);
      this.price[first + index] = price;
      this.inStock[first + index] = inStock ? 1 : 0;
      lowest = Math.min(lowest, price);
      highest = Math.max(highest, price);
    }
    this.lowest[place] = lowest;
    this.highest[place] = highest;
    if (this.usedVariants > 2 * this.liveVariants + FIRST_ROOM) this.closeGaps();
  }

  drop(id: string): void {
    const place = this.placeOf.get(id);
    if (place === undefined) return;
    this.liveVariants -= (this.end[place] ?? 0) - (this.first[place] ?? 0);
    this.end[place] = this.first[place] ?? 0;
    this.placeOf.delete(id);
    this.freePlaces.push(place);
  }

  private newPlace(id: string): number {
    const place = this.freePlaces.pop() ?? this.usedPlaces++;
    this.placeOf.set(id, place);
    const count = this.usedPlaces;
    this.category = withRoom(this.category, count);
    this.brand = withRoom(this.brand, count);
    this.rating = withRoom(this.rating, count);
    this.lowest = withRoom(this.lowest, count);
    this.highest = withRoom(this.highest, count);
    this.first = withRoom(this.first, count);
    this.end = withRoom(this.end, count);
    this.first[place] = 0;
    this.end[place] = 0;
    return place;
  }

  /** Where so many variants may stand. */
  private makeRoom(variants: number): number {
    const first = this.usedVariants;
    this.usedVariants += variants;
    this.size = withRoom(this.size, this.usedVariants);
    this.color = withRoom(this.color, this.usedVariants);
    this.price = withRoom(this.price, this.usedVariants);
    this.inStock = withRoom(this.inStock, this.usedVariants);
    return first;
  }

  /** Variants move together where edits have left gaps. */
  private closeGaps(): void {
    const { size, color, price, inStock } = this;
    const room = Math.max(FIRST_ROOM, this.liveVariants);
    this.size = new Uint32Array(room);
    this.color = new Uint32Array(room);
    this.price = new Float64Array(room);
    this.inStock = new Uint8Array(room);
    let next = 0;
    for (let place = 0; place < this.usedPlaces; place += 1) {
      const [from, to] = [this.first[place] ?? 0, this.end[place] ?? 0];
      this.size.set(size.subarray(from, to), next);
      this.color.set(color.subarray(from, to), next);
      this.price.set(price.subarray(from, to), next);
      this.inStock.set(inStock.subarray(from, to), next);
      this.first[place] = next;
      next += to - from;
      this.end[place] = next;
    }
    this.usedVariants = next;
  }
}
