/** Of a picture, by its header; apart from the fields, for a program that knows no decorators. */
export const MAX_PIXELS = 50_000_000;
export const MAX_SIDE = 16_383;
