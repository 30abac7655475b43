/** The gateway serves the staff's pages under this path, and the shop under the other. */
export const BASE = '/demo/staff';
export const SHOP = '/demo/';
