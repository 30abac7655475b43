import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availabilityOf } from '#libs/contracts/product/views';
import { categoryTree, jsonText, skuFor, slugOf, slugsFor } from './product.ts';

const id = '01980000-0000-7000-8000-abcdef012345';

describe('slugOf', () => {
  it('keeps letters and digits of the Latin alphabet, joined by hyphens', () => {
    expect(slugOf("Aaranya Women's Café Kurta, 2-piece!")).toBe('aaranya-womens-cafe-kurta-2-piece');
    expect(slugOf('कुर्ता')).toBe('');
  });

  it('is always fit for an address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(slugOf(name)).toMatch(/^([a-z0-9]+(-[a-z0-9]+)*)?$/);
        for (const slug of slugsFor(name, id, 'product')) expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});

describe('slugsFor', () => {
  it('tries the plain slug first, unless it means something else', () => {
    expect(slugsFor('Kurta', id, 'product')[0]).toBe('kurta');
    expect(slugsFor('Search', id, 'product')[0]).toBe('search-12345');
    expect(slugsFor('कुर्ता', id, 'product')[0]).toBe('product-12345');
    expect(slugsFor(id, id, 'product')).not.toContain(id);
  });
});

describe('availabilityOf', () => {
  it('says low from five units down, and out at none', () => {
    expect([6, 5, 1, 0, -1].map((available) => availabilityOf(available))).toEqual([
      'in_stock',
      'low_stock',
      'low_stock',
      'out_of_stock',
      'out_of_stock',
    ]);
  });
});

describe('skuFor', () => {
  it('is readable and fits its column, whatever the names', () => {
    expect(skuFor('aaranya-kurta', 'Rani pink', 'M', id)).toBe('AARANYAKURTA-RANIPINK-M-EF012345');
    expect(skuFor('x'.repeat(80), 'कुर्ता', '👍'.repeat(10), id).length).toBeLessThanOrEqual(64);
  });
});

describe('categoryTree', () => {
  it('hangs each category below its parent, whichever comes first', () => {
    const row = (name: string, parentId: string | null) => ({ id: name, name, slug: name, parentId });
    const [root] = categoryTree([row('leaf', 'branch'), row('branch', 'root'), row('root', null)]);
    expect(root).toMatchObject({ id: 'root', children: [{ id: 'branch', children: [{ id: 'leaf', children: [] }] }] });
  });
});

describe('jsonText', () => {
  it('mends half a surrogate pair, in keys and in values', () => {
    expect(jsonText({ 'a\ud800': ['b\udc00'] })).toBe('{"a�":["b�"]}');
  });
});
