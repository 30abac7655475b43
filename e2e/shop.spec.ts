import { afterAll, beforeAll } from 'vitest';
import { browserSuite } from './browser.suite.ts';
import { conventionsSuite } from './conventions.suite.ts';
import { documentSuite } from './document.suite.ts';
import { faultSuite } from './faults.suite.ts';
import { feedbackSuite } from './feedback.suite.ts';
import { filesSuite } from './files.suite.ts';
import { moneySuite } from './money.suite.ts';
import { notificationPagesSuite } from './notification-pages.suite.ts';
import { orderPagesSuite } from './order-pages.suite.ts';
import { pagesSuite } from './pages.suite.ts';
import { purchaseSuite } from './purchase.suite.ts';
import { reviewPagesSuite } from './review-pages.suite.ts';
import { sessionSuite } from './session.suite.ts';
import { Shop } from './shop.ts';
import { signInSuite } from './sign-in.suite.ts';
import { slowLineSuite } from './slow-line.suite.ts';
import { translatedSuite } from './translated.suite.ts';
import { typedSuite } from './typed.suite.ts';
import { wishPagesSuite } from './wish-pages.suite.ts';
import { wishesSuite } from './wishes.suite.ts';

/** The whole system, two replicas of every service, started once for all that is asked of it from outside. */
let shop: Shop;
const open = (): Shop => shop;

beforeAll(async () => {
  shop = await Shop.open({ replicas: 2 });
}, 120_000);
afterAll(() => shop?.close(), 60_000);

documentSuite(open);
conventionsSuite(open);
purchaseSuite(open);
moneySuite(open);
browserSuite(open);
pagesSuite(open);
translatedSuite(open);
typedSuite(open);
orderPagesSuite(open);
sessionSuite(open);
signInSuite(open);
notificationPagesSuite(open);
reviewPagesSuite(open);
feedbackSuite(open);
filesSuite(open);
wishesSuite(open);
wishPagesSuite(open);
slowLineSuite(open);
faultSuite(open);
