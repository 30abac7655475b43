import type { AnyOperation } from './contract.ts';
import { type Class, type Field, type JsonSchema, shapeOf } from './schema.ts';

/** Values that work in the demo shop or look like its own, by the field's name; anything else follows from the schema. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  email: 'asha@only2u.test',
  password: 'only for the demo shop',
  currentPassword: 'only for the demo shop',
  newPassword: 'a dozen monsoon mangoes',
  name: 'Asha Kulkarni',
  line1: '27, 8th Main, Jayanagar 4th Block',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560011',
  country: 'IN',
  phone: '+919845012345',
  brand: 'Aaranya',
  size: 'M',
  color: 'Indigo',
  reason: 'The size does not fit',
  note: 'Handed to the courier',
  carrier: 'Delhivery',
  number: '1490812345678',
  url: 'https://www.delhivery.com/track/1490812345678',
  quantity: 1,
  price: 129_900,
  mrp: 159_900,
  q: 'kurta',
  date: '2026-11-24',
  startsAt: '2026-12-01T00:00:00+05:30',
  endsAt: '2027-01-01T00:00:00+05:30',
  gstin: '29ABCDE1234F1Z5',
  token: 'k3J9vQ2nX7mB4cL8sD1fG6hW5yR0tZpAeUiOqNbVwYx',
  refreshToken: '01890a5d-ac96-774b-bcce-b302099a8057.1.Zm9yIGV4YW1wbGU',
  razorpayOrderId: 'order_QfJ2m8x1',
  razorpayPaymentId: 'pay_QfJ3k0z7',
  razorpaySignature: '9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d',
  onHand: 25,
  productIds: '01890a5d-ac96-774b-bcce-b302099a8057',
  mime: 'image/jpeg',
  roles: ['customer', 'support'],
  visitorId: 'k3J9vQ2nX7mB4cL8sD1fG6hW',
};
const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** A body that the operation takes: what must be given. Undefined where it takes none. */
export function exampleBody(operation: AnyOperation): Record<string, unknown> | undefined {
  const inPath = pathNames(operation);
  const fields = shapeOf(operation.in).fields.filter(({ name }) => !inPath.includes(name));
  if (operation.raw !== undefined || operation.method === 'GET' || fields.length === 0) return undefined;
  // Of several ways to say it, the last one shows most.
  const chosen = operation.oneOf.at(-1) ?? [];
  // A caller without the cookie has the token in the body.
  const isToken = (name: string): boolean => operation.refreshToken === 'renews' && name === 'refreshToken';
  const needed = fields.filter(
    ({ name, required, schema }) => chosen.includes(name) || isToken(name) || (required && schema.default === undefined),
  );
  const [first] = fields;
  // An edit takes any of its fields, so one shows how.
  const shown = needed.length > 0 || operation.method !== 'PATCH' || first === undefined ? needed : [first];
  // `me` stands in paths alone.
  return Object.fromEntries(shown.map((field) => [field.name, field.name === 'userId' ? UUID : exampleOf(field)]));
}

/** A value of a path or query parameter. */
export function exampleOf({ name, schema, nested }: Field): unknown {
  if (name === 'userId') return 'me';
  const value = BY_NAME[name];
  const isNumber = schema.type === 'integer' || schema.type === 'number';
  const isAllowed = schema.enum === undefined || schema.enum.includes(value);
  if (value !== undefined && nested === undefined && isAllowed && isNumber === (typeof value === 'number')) return value;
  return valueFor(schema, nested);
}

export const pathNames = ({ path }: AnyOperation): string[] => [...(path ?? '').matchAll(/:(\w+)/g)].map(([, name]) => name as string);

function valueFor(schema: JsonSchema, nested: Class | undefined): unknown {
  const [given] = schema.examples ?? [];
  if (given !== undefined) return given;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (type === 'array' || schema.items !== undefined) return [valueFor(schema.items ?? {}, nested)];
  if (nested !== undefined) {
    const needed = shapeOf(nested).fields.filter((field) => field.required && field.schema.default === undefined);
    return Object.fromEntries(needed.map((field) => [field.name, exampleOf(field)]));
  }
  if (schema.format === 'uuid') return UUID;
  if (schema.format === 'date-time') return '2026-12-01T09:30:00Z';
  if (schema.format === 'date') return '2026-11-24';
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
  if (type === 'boolean') return true;
  if (type === 'object') return {};
  return 'example'.padEnd(schema.minLength ?? 0, '-').slice(0, schema.maxLength);
}
