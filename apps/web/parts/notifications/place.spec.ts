import { describe, expect, it } from 'vitest';
import { placeOf } from './place.ts';

describe('where a notification leads', () => {
  it('is its chat', () => {
    expect(placeOf({ threadId: 't-1', link: 'https://shop.example/demo/chat/t-1' })).toEqual({ to: '/chat/t-1', isHere: true });
  });

  it('is the page of its order, for whoever reads it', () => {
    expect(placeOf({ orderId: 'o-1', link: 'https://shop.example/orders/o-1' })).toEqual({ to: '/orders/o-1', isHere: true });
  });

  it('is its link where it is about no single order', () => {
    expect(placeOf({ link: 'https://shop.example/p/kurta' })).toEqual({ to: 'https://shop.example/p/kurta', isHere: false });
    expect(placeOf({ orderId: 'o-1,o-2', link: 'https://shop.example/orders' })).toEqual({
      to: 'https://shop.example/orders',
      isHere: false,
    });
  });

  it('is nowhere without a link that a browser may open', () => {
    for (const data of [{}, { link: 'javascript:alert(1)' }, { link: '//elsewhere.example' }, { orderId: 'o-1,o-2' }])
      expect(placeOf(data)).toBeUndefined();
  });
});
