import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cartApi } from '#libs/contracts/cart/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { CompressedOnce, encodingFor, mayCompress } from './compression.ts';
import { publicContracts } from './gateway.contracts.ts';

describe('the encoding of an answer', () => {
  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['identity', undefined],
    ['br;q=0, gzip;q=0', undefined],
    ['deflate, zstd', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('for Accept-Encoding "%s" is %s', (header, expected) => {
    expect(encodingFor(header, 5_000)).toBe(expected);
  });

  it('is none below 1 KiB', () => {
    expect([encodingFor('br', 1_023), encodingFor('br', 1_024)]).toEqual([undefined, 'br']);
  });
});

it('bytes that are kept are compressed once for each encoding', async () => {
  const body = Buffer.from('kurta '.repeat(500));
  const kept = new CompressedOnce(body);
  expect(kept.as('br')).toBe(kept.as('br'));
  expect(brotliDecompressSync(await kept.as('br'))).toEqual(body);
  expect(gunzipSync(await kept.as('gzip'))).toEqual(body);
});

it('answers that hold secrets or tokens are never compressed, catalogue, carts and orders are', () => {
  const all = publicContracts.flatMap(({ operations }) => Object.values(operations));
  const never = all.filter((operation) => !mayCompress(operation)).map(({ key }) => key);
  for (const { key } of all.filter(({ service }) => service === 'auth' || service === 'payment')) expect(never).toContain(key);
  expect(never).toContain(cartApi.operations.createGuest.key);
  for (const operation of [productApi.operations.list, cartApi.operations.get, orderApi.operations.get])
    expect(mayCompress(operation)).toBe(true);
});
