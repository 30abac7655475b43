import type { Category } from '#libs/contracts/product/views';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);

/** Paths below /products that mean something else. */
const RESERVED_SLUGS = new Set(['search', 'trending', 'suggest', 'import', 'export', 'admin', 'prices']);
export const isReservedSlug = (slug: string): boolean => RESERVED_SLUGS.has(slug) || isUuid(slug);
const MAX_SLUG = 80;

/** A name as it stands in an address: lower-case Latin letters and digits, words joined by hyphens; '' when none are left. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');

/**
 * Slugs to try in turn for a new row. The plain one comes first, unless it is empty, has a meaning of its own, or would be taken for an
 * id; the others end in the row's own random digits, so that parallel rows of one name do not queue for the same number.
 */
export function slugsFor(name: string, id: string, fallback: string): string[] {
  const plain = slugOf(name);
  const digits = id.replaceAll('-', '').slice(-12);
  const base = plain === '' ? fallback : plain;
  const suffixed = [`${base}-${digits.slice(-5)}`, `${base}-${digits}`];
  return plain === '' || isReservedSlug(plain) ? suffixed : [plain, ...suffixed];
}

/** A SKU for a variant that came without one: the start of the product's slug, colour, size, and random digits. */
export function skuFor(slug: string, color: string, size: string, id: string): string {
  const part = (text: string, length: number): string => slugOf(text).replaceAll('-', '').slice(0, length).toUpperCase();
  return [part(slug, 12), part(color, 8), part(size, 8), id.replaceAll('-', '').slice(-8).toUpperCase()].filter(Boolean).join('-');
}

export interface CategoryRow {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly parentId: string | null;
}

/** The rows, in their order, each below its parent. */
export function categoryTree(rows: readonly CategoryRow[]): Category[] {
  const nodes = new Map(rows.map(({ id, name, slug, parentId }): [string, Category] => [id, { id, name, slug, parentId, children: [] }]));
  const roots: Category[] = [];
  for (const node of nodes.values()) (node.parentId === null ? roots : nodes.get(node.parentId)?.children)?.push(node);
  return roots;
}

/** JSON text that jsonb takes: half of a surrogate pair is legal in a client's JSON and not in Postgres. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'string') return inner.toWellFormed();
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key.toWellFormed(), member]));
    return inner;
  });
