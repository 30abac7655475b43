import { Injectable } from '@nestjs/common';
import { valuesIn } from './asked-values.ts';
import { CategoryRepository } from './category.repository.ts';
import { type CategoryRow, isUuid } from './product.ts';

/** As long as the pages of an edit whose replica died before it told the others. */
const KEPT_MS = 15_000;

/** Which categories lie below which. The tree is kept for as long as the cache's generation stands that it was read in: every edit ends that. */
@Injectable()
export class CategoryPlaces {
  private kept: { readonly generation: string; readonly until: number; readonly tree: Promise<Tree> } | undefined;

  constructor(private readonly categories: CategoryRepository) {}

  /** These categories, by id or slug, and all below them; empty when there are none. Without a generation the tree is read. */
  async below(refs: string, generation: string | undefined): Promise<readonly string[]> {
    const { places } = await this.tree(generation);
    return [...new Set(valuesIn(refs).flatMap((ref) => places.get(isUuid(ref) ? ref.toLowerCase() : ref) ?? []))];
  }

  /** Every category, in the order of names. */
  async all(generation: string | undefined): Promise<readonly CategoryRow[]> {
    return (await this.tree(generation)).rows;
  }

  private tree(generation: string | undefined): Promise<Tree> {
    return generation === undefined ? this.read() : this.keptIn(generation);
  }

  private keptIn(generation: string): Promise<Tree> {
    const { kept: known } = this;
    if (known?.generation === generation && performance.now() < known.until) return known.tree;
    const tree = this.read();
    const kept = { generation, until: performance.now() + KEPT_MS, tree };
    this.kept = kept;
    tree.catch(() => {
      if (this.kept === kept) this.kept = undefined;
    });
    return tree;
  }

  private async read(): Promise<Tree> {
    const rows = await this.categories.all();
    return { rows, places: placesOf(rows) };
  }
}

interface Tree {
  readonly rows: readonly CategoryRow[];
  readonly places: Places;
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
