import { describe, expect, it } from 'vitest';
import { EditProduct, EditVariant, NewPicture, NewProduct, NewVariant } from '#libs/contracts/product/admin';
import { NewCategory } from '#libs/contracts/product/categories';
import { ProductFilter } from '#libs/contracts/product/listing';
import { SetStock } from '#libs/contracts/product/stock';
import { readInput } from '#libs/contracts/shape';

const id = '01980000-0000-7000-8000-abcdef012345';
const INVISIBLE = ['   ', '\u200b', '\u00ad\u2060', '\u3164', '\u2800', '\ufeff\u00a0'];
const refused = { code: 'validation_failed' };

/** The input is taken as it is, and refused with any invisible text as the field. */
function expectVisible(type: new () => object, input: Record<string, unknown>, field: string): void {
  expect(readInput(type, input)).toMatchObject(input);
  for (const text of INVISIBLE) expect(() => readInput(type, { ...input, [field]: text })).toThrow(expect.objectContaining(refused));
}

describe('names, brands, sizes and colours', () => {
  it('have a visible character', () => {
    const product = { name: 'Kurta', brand: 'Aaranya', categoryId: id };
    for (const field of ['name', 'brand', 'countryOfOrigin']) {
      expectVisible(NewProduct, { ...product, countryOfOrigin: 'India' }, field);
      expectVisible(EditProduct, { id, [field]: 'India' }, field);
    }
    const variant = { sku: 'K-1', size: 'M', color: 'Red', price: 100, mrp: 100 };
    for (const field of ['sku', 'size', 'color']) {
      expectVisible(NewVariant, variant, field);
      expectVisible(EditVariant, { id, variantId: id, [field]: 'M' }, field);
    }
    expectVisible(NewCategory, { name: 'Kurtas' }, 'name');
    expectVisible(SetStock, { id, variantId: id, delta: 1, reason: 'found' }, 'reason');
    expectVisible(NewPicture, { url: '/a.jpg', alt: '', color: 'Red' }, 'color');
  });

  it('keep joiners inside words', () => {
    const name = '\u0d28\u0d4d\u200d \u0915\u094d\u200d\u0937';
    expect(readInput(NewCategory, { name })).toMatchObject({ name });
  });
});

describe('SKUs, sizes, colours and brands', () => {
  it('that look the same are the same', () => {
    const seen = { sku: 'K-1', size: 'M', color: 'Red', price: 100, mrp: 100 };
    const unseen = { sku: 'K\u200b-1', size: '\ufeffM', color: 'Re\u00add\u3164', price: 100, mrp: 100 };
    expect(readInput(NewVariant, unseen)).toEqual(readInput(NewVariant, seen));
    expect(readInput(ProductFilter, { brand: 'Aar\u2060anya', size: 'M\u200b' })).toMatchObject({ brand: 'Aaranya', size: 'M' });
  });
});

describe('the slug of a category', () => {
  it('is lower-case words joined by hyphens, and never what an id looks like', () => {
    expect(readInput(NewCategory, { name: 'Kurtas', slug: 'mens-kurtas-2026' })).toMatchObject({ slug: 'mens-kurtas-2026' });
    for (const slug of [id, 'Kurtas', 'kurtas-', 'kur tas', ''])
      expect(() => readInput(NewCategory, { name: 'Kurtas', slug })).toThrow(expect.objectContaining(refused));
  });
});

describe('attributes', () => {
  it('have visible names and texts', () => {
    const product = { name: 'Kurta', brand: 'Aaranya', categoryId: id };
    expect(readInput(NewProduct, { ...product, attributes: { Fabric: 'Cotton' } })).toMatchObject({ attributes: { Fabric: 'Cotton' } });
    for (const text of INVISIBLE) {
      for (const attributes of [{ Fabric: text }, { [text]: 'Cotton' }])
        expect(() => readInput(NewProduct, { ...product, attributes })).toThrow(expect.objectContaining(refused));
    }
  });
});

describe('the address of a picture', () => {
  const read = (url: string) => readInput(NewPicture, { url, alt: '' });

  it('is absolute with https, or a path of this shop', () => {
    for (const url of [
      'https://cdn.example.com/kurta.jpg',
      'HTTPS://CDN.Example.com:8443/a/b.webp?w=600&h=800#x',
      'https://cdn.example.com',
      'https://203.0.113.7/k.png',
      '/media/catalogue/kurta.svg',
      '/चित्र/कुर्ता.jpg',
      '/media/kurta..front.jpg',
      '/media/.hidden.jpg',
      '/media/...',
      '/media/a.jpg?from=../b',
      '/media/100%25-cotton.jpg',
    ])
      expect(read(url)).toMatchObject({ url });
  });

  it('is nothing else', () => {
    for (const url of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'http://cdn.example.com/a.jpg',
      'data:image/svg+xml,<svg/>',
      'ftp://cdn.example.com/a.jpg',
      'blob:https://cdn.example.com/a',
      '//cdn.example.com/a.jpg',
      '/\\cdn.example.com/a.jpg',
      '\\\\cdn.example.com\\a.jpg',
      'https:/cdn.example.com/a.jpg',
      'https:cdn.example.com/a.jpg',
      'https://user:secret@cdn.example.com/a.jpg',
      'https://cdn.example.com@evil.example/a.jpg',
      'https://',
      'https:///a.jpg',
      'https://cdn.example.com/a b.jpg',
      'https://cdn.example.com/"onerror="alert(1)',
      'https://cdn.example.com/\u200ba.jpg',
      '/a\n.jpg',
      'media/a.jpg',
      '/..',
      '/media/../x',
      '/media/./x',
      '/media/..',
      '/media/..?w=1',
      '/media/%2e%2e/x',
      '/media/.%2E/x',
      '/media/%2e/x',
      '/media/..%2fx',
      '/media%2f..%2Fx',
      '/media/..%5cx',
      '/media/%252e%252e/x',
      '/media/%25252e%2e%252fx',
      'https://cdn.example.com/a/../b.jpg',
      'https://cdn.example.com/%2e%2e',
      'not a url',
      '',
      `/${'a'.repeat(500)}`,
    ])
      expect(() => read(url), url).toThrow(expect.objectContaining(refused));
  });
});
