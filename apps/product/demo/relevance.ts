import type { SeedProduct } from './catalogue.ts';
import { gradeOf, type LabelledQuery } from './search-queries.ts';

export interface Relevance {
  /** Of what should be found, how much is: 0 to 1. */
  readonly recall: number;
  /** How well the first ten are ordered, against the best order that there is: 0 to 1 (normalised discounted cumulative gain). */
  readonly ndcg: number;
}

const TOP = 10;
const gainOf = (grades: readonly number[]): number =>
  grades.slice(0, TOP).reduce((sum, grade, place) => sum + (2 ** grade - 1) / Math.log2(place + 2), 0);

/** `found`: slugs, best first. Undefined where the catalogue has nothing that is wanted. */
export function relevanceOf({ wanted }: LabelledQuery, found: readonly string[], catalogue: readonly SeedProduct[]): Relevance | undefined {
  const grades = new Map(catalogue.map((product) => [product.slug, gradeOf(product, wanted)]));
  const right = [...grades].filter(([, grade]) => grade === 3).map(([slug]) => slug);
  if (right.length === 0) return undefined;
  const shown = new Set(found);
  return {
    recall: right.filter((slug) => shown.has(slug)).length / right.length,
    ndcg: gainOf(found.map((slug) => grades.get(slug) ?? 0)) / gainOf([...grades.values()].toSorted((one, other) => other - one)),
  };
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
