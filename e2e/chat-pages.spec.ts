import { afterAll, beforeAll } from 'vitest';
import { chatPagesSuite } from './chat-pages.suite.ts';
import { Shop } from './shop.ts';

/** Chats as people see them, on a system of their own. */
let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open({ replicas: 1 });
}, 120_000);
afterAll(() => shop?.close(), 60_000);

chatPagesSuite(() => shop);
