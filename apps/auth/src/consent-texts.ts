/** What people are asked to agree to. A text that changes gets the next version; what was agreed to names the one that was shown. */
export const CONSENT_TEXTS = {
  account: {
    version: 1,
    text: 'Only2U keeps your name, contact data, addresses and orders to run your account, deliver what you order and meet its legal duties. You can see, export and erase them at any time.',
  },
  marketing: {
    version: 1,
    text: 'Only2U may tell you of offers and new arrivals on the channels that you choose. You can withdraw this at any time; orders and your account do not depend on it.',
  },
} as const;

export type ConsentPurpose = keyof typeof CONSENT_TEXTS;

export const CONSENT_PURPOSES = Object.keys(CONSENT_TEXTS) as readonly ConsentPurpose[];

export const isConsentPurpose = (purpose: string): purpose is ConsentPurpose => Object.hasOwn(CONSENT_TEXTS, purpose);
