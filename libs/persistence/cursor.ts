import { createHmac, timingSafeEqual } from 'node:crypto';

/** Forged, malformed, or of another list: 400. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}

const MAC_BYTES = 12;
type Key = readonly (string | number | boolean | null)[];

/** Opaque page cursors: the key of the last row, bound to the list and filters it came from. */
export class Cursors {
  /** `previous`: of the secret before, whose cursors are still good. */
  constructor(
    private readonly secret: string,
    private readonly previous?: string,
  ) {}

  /** `list` names the list with all its filters and its sort. */
  encode(key: Key, list: string): string {
    const content = Buffer.from(JSON.stringify(key));
    return Buffer.concat([mac(this.secret, content, list), content]).toString('base64url');
  }

  decode(cursor: string, list: string): Key {
    const bytes = Buffer.from(cursor, 'base64url');
    const content = bytes.subarray(MAC_BYTES);
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor || !this.isOurs(bytes.subarray(0, MAC_BYTES), content, list))
      throw new BadCursor();
    return JSON.parse(content.toString()) as Key;
  }

  private isOurs(given: Buffer, content: Buffer, list: string): boolean {
    if (timingSafeEqual(given, mac(this.secret, content, list))) return true;
    return this.previous !== undefined && timingSafeEqual(given, mac(this.previous, content, list));
  }
}

// The length keeps a part of the list's name from passing for content.
const mac = (secret: string, content: Buffer, list: string): Buffer =>
  createHmac('sha256', secret)
    .update(`cursor\n${Buffer.byteLength(list)}\n${list}\n`)
    .update(content)
    .digest()
    .subarray(0, MAC_BYTES);

/** A page from `limit + 1` rows. */
export function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
