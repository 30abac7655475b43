import { afterAll, beforeAll } from 'vitest';
import { catalogueStaffSuite } from './catalogue-staff.suite.ts';
import { chatSocketsSuite } from './chat-sockets.suite.ts';
import { conventionsSuite } from './conventions.suite.ts';
import { documentSuite } from './document.suite.ts';
import { faultSuite } from './faults.suite.ts';
import { feedbackSuite } from './feedback.suite.ts';
import { filesSuite } from './files.suite.ts';
import { frontSuite } from './front.suite.ts';
import { moneySuite } from './money.suite.ts';
import { purchaseSuite } from './purchase.suite.ts';
import { referralSuite } from './referral.suite.ts';
import { Shop } from './shop.ts';
import { wishesSuite } from './wishes.suite.ts';

/** The whole system, two replicas of every service, started once for all that is asked of it from outside. */
let shop: Shop;
const open = (): Shop => shop;

beforeAll(async () => {
  shop = await Shop.open({ replicas: 2, env: { REFERRAL_VEST_SECONDS: '2' } });
}, 120_000);
afterAll(() => shop?.close(), 60_000);

documentSuite(open);
conventionsSuite(open);
purchaseSuite(open);
moneySuite(open);
feedbackSuite(open);
filesSuite(open);
frontSuite(open);
chatSocketsSuite(open);
wishesSuite(open);
referralSuite(open);
catalogueStaffSuite(open);
faultSuite(open);
