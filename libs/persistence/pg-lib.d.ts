/** What `pg`'s own queries turn values into before they are sent; its types leave it out. */
declare module 'pg/lib/utils.js' {
  export function prepareValue(value: unknown): unknown;
}
