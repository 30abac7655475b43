import { type ValidationError, validateSync } from 'class-validator';
import fastJsonStringify from 'fast-json-stringify';
import { type FieldError, invalid, refuse } from './errors.ts';
import { keepsItsRules } from './quick-check.ts';
import { ReadyJson } from './ready-json.ts';
import { type Class, type Field, type JsonSchema, shapeOf } from './schema.ts';

const MAX_DEPTH = 20;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor']);

/** Whether fields that the class does not know are refused or left out. */
type Unknown = 'refused' | 'left out';

/** An instance of the DTO from plain input, validated; throws `validation_failed` with the path of each bad field. */
export const readInput = <T extends object>(type: Class<T>, plain: unknown): T => read(type, plain, 'refused');

/** The same for what an event or a signal carries. Fields that a newer publisher has added are left out, so that both releases run side by side. */
export const readEvent = <T extends object>(type: Class<T>, plain: unknown): T => read(type, plain, 'left out');

function read<T extends object>(type: Class<T>, plain: unknown, unknown: Unknown): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) throw invalid([{ path: '', message: 'must be an object' }]);
  const instance = instantiate(type, plain as Record<string, unknown>, unknown);
  if (keepsItsRules(type, instance)) return instance as T;
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw invalid(errors.flatMap((error) => flatten(error, '')));
  return instance as T;
}

function instantiate(type: Class, plain: Record<string, unknown>, unknown: Unknown): object {
  const instance = new type() as Record<string, unknown>;
  const { byName } = shapeOf(type);
  for (const key of Object.keys(plain)) {
    const field = byName.get(key);
    if (field !== undefined) instance[key] = givenOf(field, plain[key], unknown);
    else if (unknown === 'refused') instance[key] = plain[key];
  }
  return instance;
}

function givenOf({ nested, spelling }: Field, value: unknown, unknown: Unknown): unknown {
  const given = (item: unknown): unknown => {
    if (nested !== undefined) return nestedInstance(nested, item, unknown);
    return spelling !== undefined && typeof item === 'string' ? spelling(item) : item;
  };
  return Array.isArray(value) ? value.map(given) : given(value);
}

const nestedInstance = (type: Class, value: unknown, unknown: Unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? instantiate(type, value as Record<string, unknown>, unknown)
    : value;

function flatten(error: ValidationError, parent: string): FieldError[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: rule === 'whitelistValidation' ? 'is not a field of this request' : withoutName(message, error.property),
    ...allowedBy(error.contexts?.[rule]),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}

/** The path names the field already; a word of the rule may be spelled like it, as in "must be a state". */
const withoutName = (message: string, property: string): string =>
  message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;

/** The values that a rule names for the caller to choose from. */
const allowedBy = (context: { allowed?: readonly string[] } | undefined): Pick<FieldError, 'allowed'> =>
  context?.allowed === undefined ? {} : { allowed: context.allowed };

/** JSON bytes from a client as a value: bounded in depth, its texts valid Unicode without NUL, free of keys that reach an object's prototype. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('malformed', 'The body is not valid JSON');
  }
  inspect(value);
  return value;
}

/** Throws `malformed` for a value from a client that is not bounded and free of bad texts and keys as `parseJson` has it. */
export function inspect(value: unknown, depth = 1): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw refuse('malformed', 'NUL characters are not allowed');
    // Halves of a character would all become the same replacement sign in UTF-8, and different passwords one.
    if (!value.isWellFormed()) throw refuse('malformed', 'A text has half of a surrogate pair');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw refuse('malformed', `The body is nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, depth + 1);
    return;
  }
  if (ArrayBuffer.isView(value)) throw refuse('malformed', 'Bytes are not allowed');
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key) || key.includes('\0') || !key.isWellFormed())
      throw refuse('malformed', 'The body has a key that is not allowed');
    inspect((value as Record<string, unknown>)[key], depth + 1);
  }
}

/** Query and path values are text; those of whole numbers and flags become what the field asks for, the rest is left for validation to judge. */
export function fromText(type: Class, values: Readonly<Record<string, string>>): Record<string, unknown> {
  const { byName } = shapeOf(type);
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value.includes('\0')) throw refuse('malformed', 'NUL characters are not allowed');
    const kind = byName.get(key)?.schema.type;
    if (kind === 'integer') out[key] = /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    else if (kind === 'number') out[key] = /^-?\d{1,15}(\.\d{1,10})?$/.test(value) ? Number(value) : value;
    else if (kind === 'boolean') out[key] = value === 'true' ? true : value === 'false' ? false : value;
    else out[key] = value;
  }
  return out;
}

const writers = new Map<Class, (value: unknown) => string>();

/** Serialises an answer with its declared fields only, whatever else the handler's object carries; one that is JSON already leaves as it is. */
export function writeOutput(type: Class, value: unknown): string {
  if (value instanceof ReadyJson) return value.text;
  let write = writers.get(type);
  if (write === undefined) {
    write = compile(type);
    writers.set(type, write);
  }
  return write(value);
}

function compile(type: Class): (value: unknown) => string {
  const definitions = Object.fromEntries(shapeOf(type).classes.map((inner) => [inner.name, forWriting(shapeOf(inner).schema)]));
  return fastJsonStringify({ $ref: `#/definitions/${type.name}`, definitions } as never);
}

/** The same schema with the references where fast-json-stringify looks for them, and without the formats it would check again. */
function forWriting(schema: JsonSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value) => (key === 'format' || key === 'default' || key === 'pattern' ? undefined : value)).replaceAll(
      '#/components/schemas/',
      '#/definitions/',
    ),
  );
}
