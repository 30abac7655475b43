import { describe, expect, it } from 'vitest';
import type { AnyOperation } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { ONE_PART_BYTES, storageApi } from '#libs/contracts/storage/api';
import { type EdgeCall, type EdgeRequest, readCall } from './edge-request.ts';

const { place } = orderApi.operations;
const { list } = productApi.operations;

function read(operation: AnyOperation, given: { url?: string; headers?: Record<string, string>; body?: string }): EdgeCall {
  const request = {
    id: 'request-of-a-test',
    ip: '127.0.0.1',
    method: operation.method,
    url: given.url ?? '/api/orders',
    params: {},
    receivedAt: 0,
    headers: { 'content-type': 'application/json', ...given.headers },
    body: given.body === undefined ? undefined : Buffer.from(given.body),
  };
  // Only what reading a call looks at; Fastify's own request needs a socket.
  return readCall(request as unknown as EdgeRequest, operation);
}

describe('a request is read once', () => {
  it('with its idempotency key, its route without the query, and a hash that differs with the body', () => {
    const first = read(place, { url: '/api/orders?gclid=1', headers: { 'idempotency-key': 'a key' }, body: '{}' }).forwarded.idempotency;
    expect(first).toMatchObject({ key: 'a key', route: 'POST /api/orders' });
    const other = read(place, { headers: { 'idempotency-key': 'a key' }, body: '{ }' }).forwarded.idempotency;
    expect(other?.bodyHash).not.toBe(first?.bodyHash);
  });

  it.each(['', 'x'.repeat(256), 'ключ', 'a\tb'])('and its idempotency key must be 1 to 255 printable ASCII characters: "%s"', (key) => {
    expect(() => read(place, { headers: { 'idempotency-key': key }, body: '{}' })).toThrow(Refusal);
  });

  it('with the device that it names, where that is a name of one', () => {
    const device = (value: string) => read(list, { url: '/api/products', headers: { 'x-device-id': value } }).forwarded.client?.device;
    expect([device('0123456789abcdef'), device('short'), device('x'.repeat(129)), device('with blanks in its name')]).toEqual([
      ...['0123456789abcdef', undefined, undefined, undefined],
    ]);
  });

  it('and what does not go with the link of a part is refused as an altered link', () => {
    const part = (query: string, length: number) =>
      read(storageApi.operations.putPart, {
        url: `/api/storage/uploads/1/parts/1?${query}`,
        headers: { 'content-type': 'image/png', 'content-length': String(length) },
      });
    expect(part('expires=1&key=a&signature=b', 5).forwarded.query).toEqual({ expires: '1', key: 'a', signature: 'b' });
    for (const [query, length] of [
      ['signature=b', ONE_PART_BYTES + 1],
      ['signature=b&signature=b', 5],
      ['signature=%zz', 5],
    ] as const)
      expect(() => part(query, length)).toThrow('storage.link_invalid');
  });

  it('and a read takes no body', () => {
    expect(() => read(list, { url: '/api/products', body: '{}' })).toThrow('takes no body');
  });
});
