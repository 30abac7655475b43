import { describe, expect, it } from 'vitest';
import { portionFor } from './byte-range.ts';

const TEN = { size: 10, etag: 'abc' };
const asked = (headers: { range?: string; ifNoneMatch?: string; ifRange?: string; method?: string }) =>
  portionFor({ method: 'GET', range: undefined, ifNoneMatch: undefined, ifRange: undefined, ...headers }, TEN);

describe('a request for a part of ten bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-5', { start: 2, end: 5 }],
    ['bytes=8-', { start: 8, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=0-9999999999999999', { start: 0, end: 9 }],
    [`bytes=-${'9'.repeat(400)}`, { start: 0, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['BYTES=1-1', { start: 1, end: 1 }],
  ])('%s is a part', (range, expected) => {
    expect(asked({ range })).toEqual({ status: 206, range: expected });
  });

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=9999999999999999-', `bytes=${'9'.repeat(400)}-`])(
    '%s cannot be satisfied',
    (range) => {
      expect(asked({ range })).toEqual({ status: 416 });
    },
  );

  it.each(['bytes=0-1,4-5', 'bytes=5-2', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes 0-1', ''])('%s gets the whole', (range) => {
    expect(asked({ range })).toEqual({ status: 200 });
  });

  it('gets the whole when it is meant for another representation, by If-Range, or is no GET', () => {
    expect(asked({ range: 'bytes=0-1', ifRange: '"abc"' }).status).toBe(206);
    for (const ifRange of ['"other"', 'W/"abc"', 'Mon, 30 Nov 2026 10:00:00 GMT'])
      expect(asked({ range: 'bytes=0-1', ifRange }).status).toBe(200);
    expect(asked({ range: 'bytes=0-1', method: 'HEAD' }).status).toBe(200);
  });
});

it('what the client has already is not sent again, whatever part it asks for', () => {
  for (const ifNoneMatch of ['"abc"', 'W/"abc"', '"x", "abc"', '*'])
    expect(asked({ ifNoneMatch, range: 'bytes=20-' })).toEqual({ status: 304 });
  expect(asked({ ifNoneMatch: '"abcd"' })).toEqual({ status: 200 });
  expect(asked({ ifNoneMatch: 'abc' })).toEqual({ status: 200 });
});
