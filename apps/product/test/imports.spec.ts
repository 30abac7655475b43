import { Readable } from 'node:stream';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { ProductFilter } from '#libs/contracts/product/listing';
import type { ImportProgress } from '#libs/contracts/product/staff-views';
import { sql } from '#libs/persistence/sql';
import { CsvHandlers } from '../src/csv.handlers.ts';
import { ImportBatch } from '../src/import-batch.ts';
import { adminCall, ProductFixture, type Replica } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => fixture?.stop());

const HEAD = 'slug,name,description,brand,category,sku,size,color,price,mrp,stock';
const rowFor = (product: number, size: string, price = 50_000): string =>
  `imp-${product},Imported ${product},"Soft, ""light"" and
cool",Aaranya,kurtas,IMP-${product}-${size},${size},Red,${price},60000,3`;
const SIZES = ['S', 'M', 'L'];
const fileOf = (from: number, to: number): string =>
  [HEAD, ...Array.from({ length: to - from }, (_, index) => SIZES.map((size) => rowFor(from + index, size))).flat()].join('\r\n');

const withBody = (text: string | Buffer, call: Call, notes: string[] = []): Call => ({
  ...call,
  transfer: {
    ...{ accept: undefined, contentType: 'text/csv', length: undefined, query: {} },
    // In pieces that cut characters and cells.
    body: Readable.from(piecesOf(Buffer.from(text))),
    parts: () => {
      throw new Error('this is no form');
    },
    noteRepeat: () => notes.push('repeat'),
  },
});
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

async function send(
  text: string | Buffer,
  options: { dryRun?: boolean; call?: Call; on?: Replica; notes?: string[] } = {},
): Promise<string> {
  const { dryRun = false, call = adminCall(), on = fixture.replica, notes = [] } = options;
  return (await on.app.get(CsvHandlers).importCatalogue({ dryRun }, withBody(text, call, notes))).id;
}
const progress = (id: string): Promise<ImportProgress> => fixture.replica.app.get(CsvHandlers).importProgress({ id });
async function done(id: string): Promise<ImportProgress> {
  await vi.waitFor(async () => expect((await progress(id)).status).toBe('done'), { timeout: 60_000, interval: 50 });
  return progress(id);
}
const run = async (text: string, options?: Parameters<typeof send>[1]): Promise<ImportProgress> => done(await send(text, options));

/** All that an import may change, and when it was written. */
const catalogue = async (): Promise<string[]> => {
  const rows = await fixture.replica.database.rows(sql`
    SELECT p.slug, p.name, p.description, p.brand, p.published, p.xmin::text AS written, v.sku, v.size, v.color, v.price, v.mrp, v.xmin::text AS variant_written,
      s.on_hand, (SELECT count(*) FROM stock_movements WHERE variant_id = v.id) AS movements
    FROM products p LEFT JOIN variants v ON v.product_id = p.id LEFT JOIN stock s ON s.variant_id = v.id ORDER BY p.id, v.id`);
  return rows.map((row) => JSON.stringify(row));
};
async function expectSame(before: readonly string[]): Promise<void> {
  const after = new Set(await catalogue());
  expect([before.filter((row) => !after.has(row)).slice(0, 3), after.size - before.length]).toEqual([[], 0]);
}
async function exported(): Promise<string> {
  const { body } = await fixture.replica.app.get(CsvHandlers).exportCatalogue();
  let text = '';
  for await (const piece of body as Readable) text += piece;
  return text;
}

describe('an import', () => {
  it('makes what is not there, and the same file again changes nothing', async () => {
    const first = await run(fileOf(0, 60));
    expect(first).toMatchObject({ rows: 180, done: 180, created: 180, changed: 0, failed: 0, errors: [] });
    const detail = await fixture.replica.shop.detail({ id: 'imp-0' });
    expect(detail).toMatchObject({ name: 'Imported 0', description: 'Soft, "light" and\ncool', inStock: true, price: 50_000 });
    expect(detail.variants.map(({ sku }) => sku)).toEqual(['IMP-0-S', 'IMP-0-M', 'IMP-0-L']);
    const before = await catalogue();
    expect(await run(fileOf(0, 60))).toMatchObject({ rows: 180, done: 180, created: 0, changed: 0, failed: 0 });
    await expectSame(before);
  });

  it('changes what a row says and nothing else, and a sale since stays sold', async () => {
    await run(fileOf(100, 101));
    const { variants } = await fixture.replica.shop.detail({ id: 'imp-100' });
    const orderId = uuidv7();
    await fixture.replica.reservations.reserve({ orderId, lines: [{ variantId: variants[0]?.id as string, quantity: 2 }], ttlSeconds: 60 });
    await fixture.replica.reservations.commit({ orderId });
    expect(await run('sku,price\nimp-100-s,45000\nIMP-100-M,50000')).toMatchObject({ created: 0, changed: 1, failed: 0 });
    expect(await run(fileOf(100, 101).replace('50000', '45000'))).toMatchObject({ changed: 0, created: 0 });
    const after = await fixture.replica.shop.detail({ id: 'imp-100' });
    expect(after.variants.map(({ price, lowestPrice30Days }) => [price, lowestPrice30Days])).toEqual([
      [45_000, 45_000],
      [50_000, 50_000],
      [50_000, 50_000],
    ]);
    expect(await fixture.stockOf(variants[0]?.id as string)).toEqual({ onHand: 1, reserved: 0 });
  });

  it('says of each wrong row what is wrong, takes the others, and a repeat says the same', async () => {
    const text = [
      'name,brand,category,sku,size,color,price,mrp,published',
      'Right,Aaranya,kurtas,RIGHT-1,M,Red,100,200,',
      'No category,Aaranya,nowhere,WRONG-1,M,Red,100,200,',
      'Dear,Aaranya,kurtas,WRONG-2,M,Red,300,200,',
      'Right,Aaranya,kurtas,RIGHT-1,L,Red,100,200,',
      'Right,Aaranya,kurtas,RIGHT-2,M,Red,100,200,',
      'Text price,Aaranya,kurtas,WRONG-3,M,Red,1.50,200,',
      ',,,UNKNOWN-1,,,100,,',
      'Incomplete,Aaranya,kurtas,WRONG-4,M,Red,100,200,true',
    ].join('\n');
    const first = await run(text);
    expect(first).toMatchObject({ rows: 8, done: 8, created: 1, failed: 7 });
    expect(first.errors.map(({ row }) => row)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    for (const [index, words] of ['category', 'mrp', 'row 2', 'row 2', 'price', 'UNKNOWN-1', 'hsn'].entries())
      expect(first.errors[index]?.message).toContain(words);
    const before = await catalogue();
    expect(await run(text)).toMatchObject({ created: 0, changed: 0, failed: 7, errors: first.errors });
    await expectSame(before);
  });

  it('that only tries says what would be and changes nothing', async () => {
    const before = await catalogue();
    expect(await run(`${fileOf(200, 260)}\nimp-200,Imported 200,,Aaranya,nowhere,,XL,Red,1,2,`, { dryRun: true })).toMatchObject({
      ...{ dryRun: true, rows: 181, done: 181, created: 180, failed: 1 },
    });
    await expectSame(before);
  });

  it('that only tries counts a product whose rows fill several batches as the real one does', async () => {
    const head = 'slug,name,brand,category,size,color,price,mrp';
    const more = Array.from({ length: 229 }, (_, index) => `long-one,,,,N${index},Red,100,200`);
    const text = [head, 'long-one,Long One,Aaranya,kurtas,S,Red,100,200', ...more, 'long-one,Long One,,,S,Red,100,200'].join('\n');
    const tried = await run(text, { dryRun: true });
    expect(tried).toMatchObject({ created: 230, changed: 0, failed: 1, errors: [{ row: 232 }] });
    const { dryRun: _, ...counts } = tried;
    expect(await run(text)).toMatchObject(counts);
    const renamed = [
      'slug,name,sku,price',
      'long-one,Longer One,,',
      ...more.map((_, index) => `long-one,Longer One,UNKNOWN-${index},`),
    ].join('\n');
    const { dryRun: __, ...triedAgain } = await run(renamed, { dryRun: true });
    expect(triedAgain.changed).toBe(1);
    expect(await run(renamed)).toMatchObject(triedAgain);
  });

  it('tells rows as a spreadsheet counts them, empty ones too', async () => {
    const text = '\nname,brand,category,sku,size,color,price,mrp\n\n,,,\nSpaced,Aaranya,nowhere,SPACED-1,M,Red,100,200\n';
    expect((await run(text)).errors.map(({ row }) => row)).toEqual([5]);
  });

  it('goes on at the row where its process died, on another replica', async () => {
    const other = await fixture.another();
    const batches = [fixture.replica, other].map((replica) => replica.app.get(ImportBatch));
    let crashes = 0;
    for (const batch of batches) {
      const { run: original } = batch;
      vi.spyOn(batch, 'run').mockImplementation(async (job, rows) => {
        // As kill -9 leaves it: before, or after the commit that the process never hears of.
        if (crashes < 6 && Math.random() < 0.6) {
          crashes += 1;
          if (Math.random() < 0.5) await original.call(batch, job, rows);
          await fixture.replica.database.execute(sql`UPDATE imports SET leased_until = now() WHERE id = ${job.id}`);
          throw Object.assign(new (await import('../src/import-batch.ts')).Overtaken());
        }
        return original.call(batch, job, rows);
      });
    }
    const outcome = await run(fileOf(300, 400), { on: other });
    expect(outcome).toMatchObject({ rows: 300, done: 300, created: 300, failed: 0 });
    const { items, total } = await fixture.replica.shop.list(Object.assign(new ProductFilter(), { limit: 100 }));
    expect(new Set(items.map(({ id }) => id)).size).toBe(100);
    expect(total).toBeGreaterThanOrEqual(160);
    expect(await run(fileOf(300, 400))).toMatchObject({ created: 0, changed: 0, failed: 0 });
  });

  it('and another of the same file at the same moment make each product once', async () => {
    const other = await fixture.another();
    const ids = await Promise.all([send(fileOf(500, 520)), send(fileOf(500, 520), { on: other })]);
    const [one, two] = await Promise.all(ids.map(done));
    expect([(one?.created ?? 0) + (two?.created ?? 0), one?.failed, two?.failed]).toEqual([60, 0, 0]);
  });

  it('with the same key is the same import, and with another body is refused', async () => {
    const notes: string[] = [];
    const first = await send(fileOf(600, 601), { call: adminCall('import-key') });
    expect(await send(fileOf(600, 601), { call: adminCall('import-key'), notes })).toBe(first);
    expect(notes).toEqual(['repeat']);
    await expect(send(fileOf(600, 602), { call: adminCall('import-key') })).rejects.toThrow();
    await done(first);
    expect(await fixture.replica.database.row(sql`SELECT count(*) AS left FROM import_rows`)).toEqual({ left: 0 });
  });

  it.each([
    ['', 'validation_failed'],
    ['name,unknown\nx,y', 'validation_failed'],
    ['size,color\nM,Red', 'validation_failed'],
    ['sku,sku\na,b', 'validation_failed'],
    ['sku,price\n"a,1', 'malformed'],
    ['sku,price\n"a"b,1', 'malformed'],
    [Buffer.from([0x73, 0x6b, 0x75, 0x0a, 0xff]), 'malformed'],
    ['sku\na\0b', 'malformed'],
  ])('of a file that cannot be read is refused: %j', async (text, code) => {
    await expect(send(text)).rejects.toMatchObject({ code });
    expect(await fixture.replica.database.row(sql`SELECT count(*) AS count FROM imports WHERE state = 'receiving'`)).toEqual({ count: 0 });
  });

  it('of 10,000 rows keeps little of them in memory, and tells how far it has come', async () => {
    const size = (): number => process.memoryUsage().rss;
    const text = fileOf(10_000, 13_334);
    const before = size();
    const id = await send(text);
    const seen = new Set<number>();
    let most = 0;
    await vi.waitFor(
      async () => {
        const { done: count, status } = await progress(id);
        seen.add(count);
        most = Math.max(most, size());
        expect(status).toBe('done');
      },
      { timeout: 180_000, interval: 100 },
    );
    expect(await progress(id)).toMatchObject({ rows: 10_002, done: 10_002, created: 10_002, failed: 0 });
    expect(seen.size).toBeGreaterThan(3);
    expect(most - before).toBeLessThan(200 * 1_048_576);
    const again = Date.now();
    expect(await run(text)).toMatchObject({ created: 0, changed: 0, failed: 0 });
    expect(Date.now() - again).toBeLessThan(60_000);
  }, 300_000);
});

describe('an export', () => {
  it('of the longest attributes and a description with blanks around it can be taken back', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`Name ${index}`.padEnd(60, '"'), '"\\'.repeat(250)]));
    const { id } = await fixture.product([{}], { attributes, description: '  First line\nsecond\n' });
    const before = await catalogue();
    expect(await run(await exported())).toMatchObject({ created: 0, changed: 0, failed: 0, errors: [] });
    await expectSame(before);
    expect(await fixture.replica.shop.detail({ id })).toMatchObject({ attributes, description: '  First line\nsecond\n' });
  }, 120_000);

  it('is safe in a spreadsheet, and taken back it changes nothing', async () => {
    await fixture.product([{ size: '=1+1', color: '@Red', sku: '-7' }], {
      name: '=cmd()',
      attributes: { Fabric: 'Cotton, soft', Fit: '"A"' },
      images: [{ url: '/media/x.svg', alt: 'kept words', color: '@Red' }],
      published: false,
    });
    const text = await exported();
    for (const cell of text.split(/[,\r\n]+/)) expect(cell).not.toMatch(/^[=+\-@\t]/);
    expect(text).toContain("'=cmd()");
    const before = await catalogue();
    expect(await run(text)).toMatchObject({ created: 0, changed: 0, failed: 0, errors: [] });
    await expectSame(before);
  }, 120_000);
});
