import { afterAll, beforeAll } from 'vitest';
import { browserSuite } from './browser.suite.ts';
import { Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open({ replicas: 1 });
}, 120_000);
afterAll(() => shop?.close(), 60_000);
browserSuite(() => shop);
