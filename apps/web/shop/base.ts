/** The gateway serves the shop under this path. */
export const BASE = '/demo';
