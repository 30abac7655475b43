import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { eventually } from '#libs/testing/builders';
import type { Customer, Shop } from './shop.ts';

interface Stored {
  readonly id: string;
  readonly url: string;
  readonly size: number;
  readonly hash: string;
}

const picture = (width = 300, height = 200): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#a63', noise: { type: 'gaussian', mean: 120, sigma: 30 } } })
    .jpeg()
    .toBuffer();

/** Files on the running system: from a client through the gateway to the disk and back. */
export function filesSuite(open: () => Shop): void {
  describe('files', () => {
    const bearer = ({ token }: Customer) => ({ authorization: `Bearer ${token}` });
    const here = (url: string): string => {
      const { pathname, search } = new URL(url);
      return `${open().url}${pathname}${search}`;
    };
    const send = (
      customer: Customer,
      bytes: Buffer,
      fields: Readonly<Record<string, string>> = {},
      headers: Readonly<Record<string, string>> = {},
    ): Promise<Response> => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      body.append('file', new Blob([new Uint8Array(bytes)]), 'photo.jpg');
      return fetch(`${open().url}/api/storage/upload`, { method: 'POST', headers: { ...bearer(customer), ...headers }, body });
    };
    const stored = async (answer: Response): Promise<Stored> => {
      expect(answer.status).toBe(201);
      return (await answer.json()) as Stored;
    };
    const codeIn = async (answer: Response): Promise<unknown> => ((await answer.json()) as { code?: unknown }).code;

    it('come back as they are kept, whole, in part, and not at all when the client has them', async () => {
      const customer = await open().register();
      const file = await stored(await send(customer, await picture()));
      const address = `${open().url}/api/storage/${file.id}/content`;
      const whole = await fetch(address, { headers: bearer(customer) });
      const bytes = Buffer.from(await whole.arrayBuffer());
      expect([whole.status, bytes.length, whole.headers.get('etag')]).toEqual([200, file.size, `"${file.hash}"`]);
      expect(whole.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
      const part = await fetch(address, { headers: { ...bearer(customer), range: 'bytes=10-19' } });
      expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${file.size}`]);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
      const past = await fetch(address, { headers: { ...bearer(customer), range: `bytes=${file.size}-` } });
      expect([past.status, past.headers.get('content-range'), await codeIn(past)]).toEqual([
        416,
        `bytes */${file.size}`,
        'storage.range_not_satisfiable',
      ]);
      expect((await fetch(address, { headers: { ...bearer(customer), 'if-none-match': `"${file.hash}"` } })).status).toBe(304);
      const head = await fetch(address, { method: 'HEAD', headers: bearer(customer) });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(file.size)]);
      const unknown = `${open().url}/api/storage/${randomUUID()}/content`;
      expect((await fetch(unknown, { method: 'HEAD', headers: bearer(customer) })).status).toBe(404);
      expect((await fetch(`${here(file.url)}x`, { method: 'HEAD' })).status).toBe(403);
      expect((await fetch(here(file.url))).status).toBe(200);
      expect((await fetch(`${here(file.url)}x`)).status).toBe(403);
      expect((await fetch(address)).status).toBe(404);
      const removed = await fetch(`${open().url}/api/storage/${file.id}`, { method: 'DELETE', headers: bearer(customer) });
      expect([removed.status, (await fetch(here(file.url))).status]).toEqual([204, 404]);
    });

    it('that are too long are refused at once by what they declare, and the client hears of it', async () => {
      const customer = await open().register();
      const { hostname, port } = new URL(open().url);
      const refused = await new Promise<number>((resolve, reject) => {
        const headers = { ...bearer(customer), 'content-type': 'multipart/form-data; boundary=b', 'content-length': 500 * 1_048_576 };
        const asked = request({ hostname, port, path: '/api/storage/upload', method: 'POST', headers }, (answer) => {
          resolve(answer.statusCode ?? 0);
          asked.destroy();
        });
        asked.on('error', reject);
        asked.write('--b\r\n');
      });
      expect(refused).toBe(413);
      const over = await send(customer, Buffer.alloc(10 * 1_048_576 + 1, 65));
      expect([over.status, await codeIn(over)]).toEqual([413, 'payload_too_large']);
    });

    it('that break off leave nothing, and the gateway goes on', async () => {
      const customer = await open().register();
      const { hostname, port } = new URL(open().url);
      const half = randomBytes(200_000);
      for (let tries = 0; tries < 10; tries += 1) {
        await new Promise<void>((resolve) => {
          const headers = { ...bearer(customer), 'content-type': 'multipart/form-data; boundary=b', 'content-length': 1_000_000 };
          const asked = request({ hostname, port, path: '/api/storage/upload', method: 'POST', headers });
          asked.on('error', () => undefined).on('close', resolve);
          asked.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
          asked.write(half, () => asked.destroy());
        });
      }
      await stored(await send(customer, await picture()));
      const listed = await fetch(`${open().url}/api/storage/user/me`, { headers: bearer(customer) });
      expect(((await listed.json()) as { usage: { files: number } }).usage.files).toBe(1);
      const broken = await fetch(`${open().url}/api/storage/upload`, {
        ...{ method: 'POST', headers: { ...bearer(customer), 'content-type': 'multipart/form-data; boundary=b' } },
        body: '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello',
      });
      expect([broken.status, await codeIn(broken)]).toEqual([400, 'malformed']);
    });

    it('are kept once or not at all when storage is killed while they come, and a repeat with the same key ends it', async () => {
      const shop = open();
      const customer = await shop.register();
      const photos = await Promise.all(Array.from({ length: 6 }, async () => ({ key: randomUUID(), bytes: await picture(900, 700) })));
      const ask = ({ key, bytes }: (typeof photos)[number]): Promise<Response> => send(customer, bytes, {}, { 'idempotency-key': key });
      const asked = photos.map((photo) => ask(photo).catch(() => undefined));
      await new Promise((resolve) => setTimeout(resolve, 60));
      await shop.stack.process('storage').kill('SIGKILL');
      await Promise.all(asked);
      const files: Stored[] = [];
      for (const photo of photos)
        files.push(
          await eventually(async () => {
            const answer = await ask(photo);
            return answer.status === 201 && ((await answer.json()) as Stored);
          }, 60_000),
        );
      expect(new Set(files.map(({ id }) => id)).size).toBe(photos.length);
      for (const { id, hash } of files) {
        // 503 for as long as the process that is gone is still announced.
        const read = await eventually(async () => {
          const answer = await fetch(`${shop.url}/api/storage/${id}/content`, { headers: bearer(customer) });
          return answer.status !== 503 && answer;
        }, 60_000);
        expect([
          read.status,
          createHash('sha256')
            .update(Buffer.from(await read.arrayBuffer()))
            .digest('hex'),
        ]).toEqual([200, hash]);
      }
      const listed = await fetch(`${shop.url}/api/storage/user/me`, { headers: bearer(customer) });
      const sizes = files.reduce((sum, { size }) => sum + size, 0);
      expect(((await listed.json()) as { usage: object }).usage).toMatchObject({ files: photos.length, bytes: sizes });
    }, 150_000);

    it('of an admin are pictures of a product, which everybody sees, and which cannot go while it shows them', async () => {
      const admin = await open().admin();
      const customer = await open().register();
      expect((await send(customer, await picture(), { purpose: 'product' })).status).toBe(403);
      const file = await stored(await send(admin, await picture(), { purpose: 'product' }));
      const { productId } = await open().stocked(1);
      const { data } = await admin.api.PATCH('/api/products/{id}', {
        ...{ params: { path: { id: productId } }, body: { images: [{ fileId: file.id, alt: 'A kurta' }] } },
      });
      const shown = data?.images[0]?.url ?? '';
      const seen = await fetch(`${open().url}${shown}?preset=card`, { headers: { accept: 'image/webp' } });
      expect([seen.status, seen.headers.get('content-type'), seen.headers.get('cache-control')]).toEqual([
        ...[200, 'image/webp', 'public, max-age=300'],
      ]);
      const remove = () => fetch(`${open().url}/api/storage/${file.id}`, { method: 'DELETE', headers: bearer(admin) });
      expect(await codeIn(await remove())).toBe('storage.in_use');
      await admin.api.PATCH('/api/products/{id}', { params: { path: { id: productId } }, body: { images: [] } });
      await eventually(async () => (await remove()).status === 204);
      expect((await fetch(`${open().url}${shown}`)).status).toBe(404);
    });
  });
}
