import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { DESK, inChromium, onPage, PHONE } from './browser.ts';
import type { Shop } from './shop.ts';

/** A mediocre mobile connection. */
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const LCP_MS = 2_500;
const CLS = 0.1;
const FIRST_LOAD_BYTES = 120_000;
const SMALLEST_COMPRESSED = 1_024;

interface Vitals {
  lcp: number;
  cls: number;
}

/** What a first visit may cost, by Google's Core Web Vitals. */
export function slowLineSuite(open: () => Shop): void {
  inChromium('a first visit over a slow line, in Chromium', open, (browser) => {
    it.each([
      ['the catalogue on a phone', PHONE, ''],
      ['a category on a phone', PHONE, 'category'],
      ['a product on a phone', PHONE, 'product'],
      ['the catalogue on a desk', DESK, ''],
      ['a product on a desk', DESK, 'product'],
    ] as const)(
      'shows %s in time and lets nothing jump',
      async (name, viewport, kind) => {
        const shop = open();
        const url = `${shop.url}/demo${await pathOf(shop, kind)}`;
        let fastest = Number.POSITIVE_INFINITY;
        let jumps = 0;
        // The line is what is measured. A machine that is busy with something else is slow too, but seldom at each of three visits.
        for (let visits = 0; visits < 3 && fastest > LCP_MS; visits += 1) {
          await onPage(browser(), viewport, async (page) => {
            const { lcp, cls } = await visit(page, url);
            fastest = Math.min(fastest, lcp);
            jumps = Math.max(jumps, cls);
          });
        }
        process.stdout.write(`${name}: LCP ${Math.round(fastest)} ms, CLS ${jumps.toFixed(3)}\n`);
        expect(fastest).toBeLessThanOrEqual(LCP_MS);
        expect(jumps).toBeLessThanOrEqual(CLS);
      },
      120_000,
    );

    it('loads no more than it may, all of it compressed, and nothing of the staff’s pages', async () => {
      await onPage(browser(), PHONE, async (page) => {
        const { url } = open();
        let bytes = 0;
        const session = await page.context().newCDPSession(page);
        await session.send('Network.enable');
        const own = new Map<string, string>();
        session.on('Network.responseReceived', ({ requestId, response }) => {
          if (new URL(response.url).pathname.startsWith('/demo')) own.set(requestId, response.url);
        });
        session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
          if (own.has(requestId)) bytes += encodedDataLength;
        });
        await page.goto(`${url}/demo/`);
        await page.getByTestId('product-card').first().waitFor();
        await page.waitForLoadState('networkidle');
        expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
        process.stdout.write(`first load: ${bytes} bytes\n`);
        for (const address of own.values()) {
          const answer = await fetch(address, { headers: { 'accept-encoding': 'br' } });
          const text = await answer.text();
          expect(text).not.toContain('Give money back as goodwill');
          if (text.length >= SMALLEST_COMPRESSED && !address.endsWith('.woff2'))
            expect(answer.headers.get('content-encoding'), address).toBe('br');
          expect(answer.headers.get('vary') ?? '', address).toMatch(/accept-encoding/i);
        }
        const zipped = await fetch(`${url}/demo/`, { headers: { 'accept-encoding': 'identity' } });
        expect(gzipSync(await zipped.text()).length).toBeLessThan(FIRST_LOAD_BYTES);
      });
    }, 60_000);
  });
}

async function pathOf(shop: Shop, kind: '' | 'category' | 'product'): Promise<string> {
  if (kind === 'category') {
    const { data } = await shop.anonymous.GET('/api/categories');
    return `/?category=${data?.items[0]?.slug}`;
  }
  if (kind === '') return '/';
  // Goods of other tests have no pictures.
  const { data } = await shop.anonymous.GET('/api/products', { params: { query: { limit: 100, sort: 'price_desc' } } });
  return `/p/${data?.items.find(({ images }) => images.length > 1)?.slug}`;
}

async function visit(page: Page, url: string): Promise<Vitals> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', LINE);
  await page.addInitScript(() => {
    const vitals = { lcp: 0, cls: 0 };
    Object.assign(window, { vitals });
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) vitals.lcp = startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
        if (!shift.hadRecentInput) vitals.cls += shift.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  await page.locator('img').first().waitFor();
  await page.waitForLoadState('networkidle');
  return page.evaluate(() => (window as unknown as { vitals: Vitals }).vitals);
}
