import { invalid } from '#libs/contracts/errors';
import type { ProductFilter } from '#libs/contracts/product/listing';

const MAX_VALUES = 20;
/** Characters that one value may have. */
const LONGEST = { category: 100, brand: 100, size: 30, color: 60 } as const;

/** The filters that take several values. */
export const SEVERAL = ['category', 'brand', 'size', 'color'] as const;

/**
 * The values that a filter names with commas between them. A text with a comma is also a value by itself, for sizes, colours and brands are
 * free text, and one of them may have a comma.
 */
export function valuesIn(text: string): string[] {
  if (!text.includes(',')) return [text];
  const parts = text.split(',').map((part) => part.trim());
  return [...new Set([...parts.filter((part) => part !== ''), text])];
}

/** @throws validation_failed where a filter has an order or a length that no catalogue can answer */
export function checkFilter(filter: ProductFilter): void {
  const { minPrice, maxPrice } = filter;
  if (minPrice !== undefined && maxPrice !== undefined && minPrice > maxPrice)
    throw invalid([{ path: 'minPrice', message: 'must not be above maxPrice' }]);
  for (const name of SEVERAL) {
    const parts = (filter[name] ?? '').split(',').map((part) => part.trim());
    if (parts.length > MAX_VALUES) throw invalid([{ path: name, message: `must name at most ${MAX_VALUES} values` }]);
    if (filter[name] !== undefined && parts.every((part) => part === '')) throw invalid([{ path: name, message: 'must name a value' }]);
    if (parts.some((part) => part.length > LONGEST[name]))
      throw invalid([{ path: name, message: `must name values of at most ${LONGEST[name]} characters` }]);
  }
}
