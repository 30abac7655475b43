import { afterAll, beforeAll } from 'vitest';
import { browserSuite } from './browser.suite.ts';
import { cataloguePagesSuite } from './catalogue-pages.suite.ts';
import { findingPagesSuite } from './finding-pages.suite.ts';
import { notificationPagesSuite } from './notification-pages.suite.ts';
import { orderPagesSuite } from './order-pages.suite.ts';
import { pagesSuite } from './pages.suite.ts';
import { productPicturesSuite } from './product-pictures.suite.ts';
import { referralPagesSuite } from './referral-pages.suite.ts';
import { reviewPagesSuite } from './review-pages.suite.ts';
import { searchPagesSuite } from './search-pages.suite.ts';
import { sessionSuite } from './session.suite.ts';
import { Shop } from './shop.ts';
import { signInSuite } from './sign-in.suite.ts';
import { slowLineSuite } from './slow-line.suite.ts';
import { translatedSuite } from './translated.suite.ts';
import { typedSuite } from './typed.suite.ts';
import { wishPagesSuite } from './wish-pages.suite.ts';

/** The pages of shop and staff in Chromium, on a system of their own: what other suites put on the shelves is not what is looked at here. */
let shop: Shop;
const open = (): Shop => shop;

beforeAll(async () => {
  shop = await Shop.open({ replicas: 2 });
}, 120_000);
afterAll(() => shop?.close(), 60_000);

// First, while the shelves hold the demo shop's goods alone.
slowLineSuite(open);
browserSuite(open);
pagesSuite(open);
translatedSuite(open);
typedSuite(open);
orderPagesSuite(open);
sessionSuite(open);
signInSuite(open);
notificationPagesSuite(open);
reviewPagesSuite(open);
productPicturesSuite(open);
wishPagesSuite(open);
cataloguePagesSuite(open);
findingPagesSuite(open);
referralPagesSuite(open);
searchPagesSuite(open);
