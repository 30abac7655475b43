import { describe, expect, it } from 'vitest';
import type { Schemas } from '#libs/client/client';
import { bodyOf, picturesOf, swapped } from './pictures.ts';

const image = (url: string) => ({ url, alt: url });
const variant = (color: string, ...urls: string[]): Schemas['ProductDetail']['variants'][number] => ({
  ...{ id: color, sku: color, size: 'M', color, price: 100, mrp: 100, lowestPrice30Days: 100, availability: 'in_stock' },
  images: urls.map(image),
});
const product = {
  images: [image('/red'), image('/blue'), image('/both')],
  variants: [variant('Red', '/red'), variant('Blue', '/blue')],
  options: { sizes: ['M'], colors: ['Red', 'Blue'] },
} as Schemas['ProductDetail'];

describe('the pictures of a product', () => {
  it('keep their colours, which the shop tells with the variants', () => {
    expect(picturesOf(product).map(({ color }) => color)).toEqual(['Red', 'Blue', '']);
  });

  it('change places, and stay where there is none', () => {
    expect(swapped(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
    expect(swapped(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });

  it('are sent by their file where they were stored just now, else by their address', () => {
    expect(
      bodyOf([
        { url: '/red', alt: ' Red kurta ', color: 'Red' },
        { fileId: 'f', url: '/f', alt: '', color: '' },
      ]),
    ).toEqual([
      { url: '/red', alt: 'Red kurta', color: 'Red' },
      { fileId: 'f', alt: '' },
    ]);
  });
});
