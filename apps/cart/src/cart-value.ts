import { hash } from 'node:crypto';
import { MAX_LINE_QUANTITY } from '#libs/contracts/cart/views';
import { type KeptCart, type Line, normalisedCode, type Snapshot } from './cart.ts';

/**
 * A cart in Redis is one hash: `version`, `sequence`, `updatedAt`, `keys`, `events`, `coupon`, `mergedBy`, and a field `line:<variant id>` for each line,
 * `<quantity>|<item id>|<snapshot as JSON>`. Scripts touch quantity and id and never decode JSON: Lua's cjson turns empty arrays into
 * objects and rounds numbers to 14 digits.
 */
export const LINE_FIELD = 'line:';
/** Longer ones are no clock's: no date can be made of them, and JavaScript and Lua round them. */
export const MAX_SEQUENCE_DIGITS = 16;
export const MAX_TIME_DIGITS = 13;

/** Length of a SHA-256 in base64url that is kept: 132 bits are enough to tell keys apart. */
const DIGEST_LENGTH = 22;
/** `<key>:<body>` and a line feed. */
export const KEY_ENTRY_LENGTH = 2 * DIGEST_LENGTH + 2;

export interface KeyDigests {
  readonly key: string;
  readonly body: string;
}

export const digestsOf = ({ route, key, bodyHash }: { route: string; key: string; bodyHash: string }): KeyDigests => ({
  key: digest(`${route}\n${key}`),
  body: digest(bodyHash),
});

const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);

/** Whether this cart knows the key; `reused` when it came with another body. */
export function keyIn(cart: KeptCart, { key, body }: KeyDigests): 'unknown' | 'same' | 'reused' {
  const at = cart.keys.indexOf(`${key}:`);
  if (at < 0) return 'unknown';
  return cart.keys.startsWith(`${body}\n`, at + DIGEST_LENGTH + 1) ? 'same' : 'reused';
}

/** As long as a UUID, so that it can stand among the events of the cart that takes the guest's over. */
export const mergeEventOf = (guest: string): string => hash('sha256', `merge of ${guest}`, 'hex').slice(0, 36);

export const hasEvent = (events: string, eventId: string): boolean => events.includes(`${eventId}\n`);

/**
 * The flat list of fields and values as Redis answers and takes it; undefined when there is no cart that can be read. A line or a code that
 * cannot be read is left out.
 */
export function fromFields(owner: string, flat: readonly string[]): KeptCart | undefined {
  const lines: Line[] = [];
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [name = '', value = ''] = flat.slice(index, index + 2);
    if (name.startsWith(LINE_FIELD)) lines.push(...lineOf(name.slice(LINE_FIELD.length), value));
    else fields[name] = value;
  }
  const { version = '', sequence = '', updatedAt = '', keys = '', events = '', coupon = '', mergedBy = '' } = fields;
  if (!VERSION.test(version) || !isNumber(sequence, MAX_SEQUENCE_DIGITS) || !isNumber(updatedAt, MAX_TIME_DIGITS)) return undefined;
  const kept = { owner, version, sequence: Number(sequence), updatedAt: Number(updatedAt), lines: lines.sort(byArrival) };
  return { ...kept, keys, events, coupon: normalisedCode(coupon) ?? '', mergedBy };
}

export const toFields = ({ version, sequence, updatedAt, lines, keys, events, coupon, mergedBy }: KeptCart): string[] => [
  ...['version', version, 'sequence', String(sequence), 'updatedAt', String(updatedAt)],
  ...['keys', keys, 'events', events, 'coupon', coupon, 'mergedBy', mergedBy],
  ...lines.flatMap(({ id, variantId, quantity, written }) => [`${LINE_FIELD}${variantId}`, `${quantity}|${id}|${JSON.stringify(written)}`]),
];

/** Names and values of the lines that `fromFields` left out of the cart it read here. */
export function unreadableLines({ lines }: KeptCart, flat: readonly string[]): string[] {
  if (flat.filter((name, index) => index % 2 === 0 && name.startsWith(LINE_FIELD)).length === lines.length) return [];
  const read = new Set(lines.map(({ variantId }) => `${LINE_FIELD}${variantId}`));
  return flat.flatMap((name, index) =>
    index % 2 === 0 && name.startsWith(LINE_FIELD) && !read.has(name) ? [name, flat[index + 1] ?? ''] : [],
  );
}

const byArrival = (one: Line, other: Line): number => (one.id < other.id ? -1 : 1);

const isNumber = (text: string, digits: number): boolean => text.length <= digits && /^\d+$/.test(text);

const VERSION = /^[\da-f-]{36}$/i;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const LINE = /^(\d+)\|([^|]+)\|(.*)$/s;

/** None where it cannot be read: whoever else writes to Redis must not keep a customer from the rest of the cart. */
function lineOf(variantId: string, value: string): Line[] {
  const [, quantity, id, json = ''] = LINE.exec(value) ?? [];
  const written = snapshotIn(json);
  if (id === undefined || written === undefined || !UUID.test(variantId)) return [];
  return [{ id, variantId, quantity: Math.min(Math.max(Number(quantity), 1), MAX_LINE_QUANTITY), written }];
}

function snapshotIn(json: string): Snapshot | undefined {
  try {
    const found: unknown = JSON.parse(json);
    return isSnapshot(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isSnapshot(found: unknown): found is Snapshot {
  if (typeof found !== 'object' || found === null) return false;
  const { productId, name, size, color, image, unitPrice, availability }: Partial<Record<keyof Snapshot, unknown>> = found;
  const texts = [productId, name, size, color, image ?? '', availability];
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(unitPrice);
}
