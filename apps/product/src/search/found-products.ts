const ID_BYTES = 16;
const ENTRY_BYTES = 20;

/** Ids with their scores, by score and id from the highest, packed: a search may find most of the catalogue. */
export class FoundProducts {
  static readonly none = new FoundProducts(Buffer.alloc(0));

  /** `packed`: for each product its id and its score, a whole number of four bytes. */
  constructor(private readonly packed: Buffer) {}

  /** In any order. */
  static of(entries: readonly { readonly id: string; readonly score: number }[]): FoundProducts {
    const ordered = entries.toSorted((one, other) => other.score - one.score || (one.id < other.id ? 1 : -1));
    const packed = Buffer.alloc(ordered.length * ENTRY_BYTES);
    for (const [place, { id, score }] of ordered.entries()) {
      packed.write(id.replaceAll('-', ''), place * ENTRY_BYTES, 'hex');
      packed.writeInt32BE(score, place * ENTRY_BYTES + ID_BYTES);
    }
    return new FoundProducts(packed);
  }

  get count(): number {
    return this.packed.length / ENTRY_BYTES;
  }

  get bytes(): number {
    return this.packed.length;
  }

  id(place: number): string {
    const hex = this.packed.toString('hex', place * ENTRY_BYTES, place * ENTRY_BYTES + ID_BYTES);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  score(place: number): number {
    return this.packed.readInt32BE(place * ENTRY_BYTES + ID_BYTES);
  }

  ids(): string[] {
    return Array.from({ length: this.count }, (_, place) => this.id(place));
  }

  scores(): number[] {
    return Array.from({ length: this.count }, (_, place) => this.score(place));
  }

  /** The place of the first that comes after such a one, whether that is still among them or not. */
  placeAfter(score: number, id: string): number {
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      const isBefore = this.score(middle) > score || (this.score(middle) === score && this.id(middle) >= id);
      if (isBefore) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
