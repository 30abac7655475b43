import { Injectable } from '@nestjs/common';
import { CategoryRepository } from './category.repository.ts';
import { type CategoryRow, isUuid } from './product.ts';

/** As long as the pages of an edit whose replica died before it told the others. */
const KEPT_MS = 15_000;

/** Which categories lie below which. The tree is kept for as long as the cache's generation stands that it was read in: every edit ends that. */
@Injectable()
export class CategoryPlaces {
  private kept: { readonly generation: string; readonly until: number; readonly places: Promise<Places> } | undefined;

  constructor(private readonly categories: CategoryRepository) {}

  /** The category, by id or slug, and all below it; empty when there is none. Without a generation the tree is read. */
  async below(ref: string, generation: string | undefined): Promise<readonly string[]> {
    const places = await (generation === undefined ? this.read() : this.keptIn(generation));
    return places.get(isUuid(ref) ? ref.toLowerCase() : ref) ?? [];
  }

  private keptIn(generation: string): Promise<Places> {
    const { kept: known } = this;
    if (known?.generation === generation && performance.now() < known.until) return known.places;
    const places = this.read();
    const kept = { generation, until: performance.now() + KEPT_MS, places };
    this.kept = kept;
    places.catch(() => {
      if (this.kept === kept) this.kept = undefined;
    });
    return places;
  }

  private async read(): Promise<Places> {
    return placesOf(await this.categories.all());
  }
}

/** Ids of a category and its descendants, by its id and by its slug. */
type Places = ReadonlyMap<string, readonly string[]>;

export function placesOf(rows: readonly CategoryRow[]): Places {
  const parents = new Map(rows.map(({ id, parentId }) => [id, parentId]));
  const below = new Map<string, string[]>(rows.map(({ id }) => [id, []]));
  for (const { id } of rows)
    for (let above: string | null | undefined = id; above !== null && above !== undefined; above = parents.get(above))
      below.get(above)?.push(id);
  return new Map(
    rows.flatMap(({ id, slug }) => [
      [slug, below.get(id) ?? []],
      [id, below.get(id) ?? []],
    ]),
  );
}
