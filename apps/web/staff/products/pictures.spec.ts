import { describe, expect, it } from 'vitest';
import { bodyOf, swapped } from './pictures.ts';

describe('the pictures of a product', () => {
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
