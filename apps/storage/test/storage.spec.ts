import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf } from '#libs/testing/builders';
import { Links } from '../src/links.ts';
import { anonymous, callBy, photo, StorageFixture, sha256 } from './storage-fixture.ts';

let storage: StorageFixture;
beforeAll(async () => {
  storage = await StorageFixture.open({}, 2);
});
afterAll(() => storage.close());

const withGps = async (width: number, height: number, orientation: number): Promise<Buffer> =>
  sharp(await photo(width, height))
    .withExif({ IFD0: { Copyright: 'Meera' }, IFD3: { GPSLatitude: '12/1 58/1 0/1', GPSLatitudeRef: 'N' } })
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer();

describe('a picture', () => {
  it('is kept as it is seen, without anything that its file said of place and person', async () => {
    const by = callBy();
    const file = await storage.upload(await withGps(400, 300, 6), { by });
    expect([file.width, file.height]).toEqual([300, 400]);
    const { bytes } = await storage.read(file.id, by);
    const { width, height, orientation, exif, icc, xmp } = await sharp(bytes).metadata();
    expect([width, height, orientation, exif, icc, xmp]).toEqual([300, 400, undefined, undefined, undefined, undefined]);
    expect([file.size, file.hash]).toEqual([bytes.length, sha256(bytes)]);
    expect(bytes.includes('Meera')).toBe(false);
  });

  it('loses what stands behind its end', async () => {
    const by = callBy();
    const file = await storage.upload(Buffer.concat([await photo(), Buffer.from('<script>alert(1)</script>PK\u0003\u0004')]), { by });
    expect((await storage.read(file.id, by)).bytes.includes('script')).toBe(false);
  });

  it('is had in three sizes, none larger than it is, in the format that the client names', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(900, 500), { by });
    expect(file.variants.map(({ preset, width, height }) => [preset, width, height])).toEqual([
      ['thumb', 200, 200],
      ['card', 600, 333],
      ['full', 900, 500],
    ]);
    for (const [accept, mime] of [
      ['image/avif,image/webp,*/*;q=0.8', 'image/avif'],
      ['image/webp', 'image/webp'],
      ['image/avif;q=0, image/webp;q=0.1', 'image/webp'],
      ['*/*', 'image/jpeg'],
      ['image/*', 'image/jpeg'],
      [undefined, 'image/jpeg'],
    ] as const) {
      const answer = await storage.read(file.id, by, { preset: 'thumb' }, accept);
      expect([accept, answer.mime, answer.vary]).toEqual([accept, mime, 'Accept']);
      const { width, height } = await sharp(answer.bytes).metadata();
      expect([width, height]).toEqual([200, 200]);
    }
  });

  it('a preset is made once, however many ask at how many replicas', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(700, 700), { by });
    const asked = Array.from({ length: 12 }, (_, index) => storage.read(file.id, by, { preset: 'card' }, 'image/webp', index % 2));
    const hashes = new Set((await Promise.all(asked)).map(({ bytes }) => sha256(bytes)));
    expect(hashes.size).toBe(1);
    expect((await storage.stored()).filter((key) => key.endsWith('card.webp'))).toHaveLength(1);
  });

  it('that is private is there for its owner alone, and for whoever has a link', async () => {
    const by = callBy();
    const file = await storage.upload(await photo(), { by });
    for (const other of [anonymous(), callBy(), callBy(undefined, 'admin')]) {
      expect(await codeOf(storage.read(file.id, other))).toBe('not_found');
      expect(await codeOf(storage.files.get({ id: file.id }, other))).toBe('not_found');
    }
    const query = Object.fromEntries(new URL(file.url).searchParams);
    expect((await storage.read(file.id, anonymous(), query)).bytes.length).toBe(file.size);
    for (const change of [{ expires: '9999999999' }, { key: 'other' }, { signature: 'x' }, { preset: 'thumb' }, { download: '1' }])
      expect(await codeOf(storage.read(file.id, anonymous(), { ...query, ...change }))).toBe('storage.link_invalid');
  });
});

it('a link for a second is good for a second', () => {
  const links = storage.get(Links);
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_999 });
  try {
    const { url } = links.signed('a', 1);
    vi.setSystemTime(1_800_000_001_900);
    expect(links.opens('a', Object.fromEntries(new URL(url).searchParams))).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

describe('bytes that are not what they are called', () => {
  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'storage.type_not_allowed'],
    ['HTML', '<!doctype html><p>hello', 'storage.type_not_allowed'],
    ['a GIF of letters', 'GIF89a and more', 'storage.type_not_allowed'],
    ['a script', '#!/bin/sh\nrm -rf /', 'storage.type_not_allowed'],
    ['a zip', 'PK\u0003\u0004', 'storage.type_not_allowed'],
    ['nothing', '', 'storage.empty_file'],
    ['a document without an end', '%PDF-1.7\n1 0 obj', 'storage.broken_file'],
  ])('%s is refused under the name of a picture', async (_what, content, code) => {
    expect(await codeOf(storage.upload(Buffer.from(content)))).toBe(code);
  });

  it('text is refused for what it is before it is refused for its length', async () => {
    const long = (start: string): Buffer => Buffer.from(start.padEnd(1_100_000, 'a '));
    for (const start of ['<svg xmlns="http://www.w3.org/2000/svg">', '<!doctype html>', '<?xml version="1.0"?>', '{\\rtf1'])
      expect([start, await codeOf(storage.upload(long(start), { name: 'notes.txt' }))]).toEqual([start, 'storage.type_not_allowed']);
    expect(await codeOf(storage.upload(long('plain'), { purpose: 'review' }))).toBe('storage.type_not_allowed');
    expect(await codeOf(storage.upload(long('plain'), { name: 'notes.txt' }))).toBe('payload_too_large');
    const announced = { name: 'notes.txt', mime: 'text/plain', purpose: 'other' as const };
    expect(await codeOf(storage.uploads.presign({ ...announced, size: 1_048_577 }, callBy()))).toBe('payload_too_large');
    expect(await codeOf(storage.uploads.presign({ ...announced, size: 1_048_576 }, callBy()))).toBe('ok');
  });

  it('a picture that is cut is broken, in every format', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      const whole = await sharp(await photo(120, 90))
        .toFormat(format)
        .toBuffer();
      expect([format, await codeOf(storage.upload(whole))]).toEqual([format, 'ok']);
      expect([format, await codeOf(storage.upload(whole.subarray(0, Math.floor(whole.length * 0.6))))]).toEqual([
        format,
        'storage.broken_file',
      ]);
    }
  });

  it('a picture of too many pixels is refused by its header, before anything is decoded', async () => {
    const png = await sharp({ create: { width: 10_000, height: 5_001, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    expect(await codeOf(storage.upload(png))).toBe('storage.too_many_pixels');
    const long = await sharp({ create: { width: 16_384, height: 2, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    expect(await codeOf(storage.upload(long))).toBe('storage.too_many_pixels');
    // A header alone: there is nothing behind it to decode.
    expect(await codeOf(storage.upload(long.subarray(0, 40)))).toBe('storage.too_many_pixels');
  });

  it('text is kept as it is, and called what it is', async () => {
    const by = callBy();
    const csv = await storage.upload(Buffer.from('a,b\n1 < 2,₹'), { by, name: '../secret/कुर्ता\u202e.csv' });
    expect([csv.mime, csv.name, csv.variants]).toEqual(['text/csv', 'कुर्ता.csv', []]);
    const text = await storage.upload(Buffer.from('plain'), { by, name: 'page.html' });
    expect([text.mime, text.name]).toEqual(['text/plain', 'page.txt']);
    expect(await storage.read(text.id, by)).toMatchObject({ disposition: 'attachment', maxAge: 0, policy: "default-src 'none'; sandbox" });
  });
});
