/** The gateway serves the shop under this path. */
export const BASE = '/demo';
export const TO_THE_SHOP = { to: '/', words: 'To the shop' } as const;
