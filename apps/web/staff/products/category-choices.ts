import type { Schemas } from '#libs/client/client';
import { queries } from '../../parts/api.ts';

export interface PlacedCategory {
  readonly category: Schemas['Category'];
  readonly depth: number;
  /** Where it stands among the categories of its parent, and how many those are. */
  readonly place: number;
  readonly siblings: number;
}

/** The tree as a list, each below its parent. */
export const flattened = (categories: readonly Schemas['Category'][], depth = 0): PlacedCategory[] =>
  categories.flatMap((category, place) => [
    { category, depth, place, siblings: categories.length },
    ...flattened(category.children, depth + 1),
  ]);

export const indented = ({ category, depth }: PlacedCategory): string => `${'— '.repeat(depth)}${category.name}`;

/** Value and words of each category, for a choice of one; none until they are there. */
export function useCategories(): (readonly [string, string])[] {
  const { data } = queries.useQuery('get', '/api/categories');
  return flattened(data?.items ?? []).map((placed) => [placed.category.id, indented(placed)] as const);
}
