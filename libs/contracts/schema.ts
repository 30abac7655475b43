import 'reflect-metadata';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { STATE_NAMES } from '#libs/places/states';
import { isGiven, isNotNull, meaningOf, nestedTypeOf, spellingOf } from './fields.ts';
import { PHONE_SPELLINGS } from './spellings.ts';

export type Class<T extends object = object> = new () => T;

/** The part of JSON Schema 2020-12 that contracts use. */
export interface JsonSchema {
  type?: string | string[];
  format?: string;
  enum?: readonly unknown[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  $ref?: string;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  default?: unknown;
  description?: string;
  examples?: readonly unknown[];
}

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** From the name and constraints that class-validator records for a rule. */
const FRAGMENTS: Record<string, (first: never, second: never) => JsonSchema> = {
  isString: () => ({ type: 'string' }),
  isLength: (min: number, max: number) => ({ minLength: min, maxLength: max }),
  matches: (pattern: RegExp) => ({ pattern: pattern.source }),
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  isEmail: () => ({ format: 'email' }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  min: (min: number) => ({ minimum: min }),
  max: (max: number) => ({ maximum: max }),
  isBoolean: () => ({ type: 'boolean' }),
  isIn: (values: readonly string[]) => ({ type: 'string', enum: values }),
  isArray: () => ({ type: 'array' }),
  arrayMinSize: (min: number) => (min === 0 ? {} : { minItems: min }),
  arrayMaxSize: (max: number) => (max === Number.MAX_SAFE_INTEGER ? {} : { maxItems: max }),
  isObject: () => ({}),
  dictionary: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  oneOfByName: (values: readonly string[]) => ({ type: 'object', additionalProperties: { type: 'string', enum: values } }),
  visibleMembers: () => ({}),
  plainAddress: () => ({}),
  phone: () => ({
    type: 'string',
    pattern: PHONE_SPELLINGS,
    description: 'An Indian mobile number; answered as +91 and ten digits.',
    examples: ['+919845012345'],
  }),
  state: () => ({
    type: 'string',
    description: `One of ${STATE_NAMES.join(', ')}; or its ISO 3166-2 code, or a name it had. Answered as the official name.`,
    examples: ['Karnataka'],
  }),
  pincodeOfState: () => ({ examples: ['560001'] }),
  timestamp: () => ({ type: 'string', format: 'date-time' }),
  day: () => ({ type: 'string', format: 'date' }),
  countByName: () => ({ type: 'object', additionalProperties: { type: 'integer', minimum: 0 } }),
};

export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** The class of a nested object, or of each element of a nested list. */
  readonly nested: Class | undefined;
  /** Turns a given text, or each of a list, into the spelling that is kept. */
  readonly spelling: ((given: string) => string) | undefined;
}

export interface Shape {
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  readonly schema: JsonSchema;
  /** Every class reached from here, itself included. */
  readonly classes: readonly Class[];
}

const shapes = new Map<Class, Shape>();
const reference = (type: Class): JsonSchema => ({ $ref: `#/components/schemas/${type.name}` });

/** The JSON Schema of a DTO class, from class-validator's metadata. A rule without a schema throws: the document must not promise less than is checked. */
export function shapeOf(type: Class): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const rulesByField = Map.groupBy(getMetadataStorage().getTargetValidationMetadatas(type, '', false, false), (rule) => rule.propertyName);
  const defaults = new type() as Record<string, unknown>;
  const fields = [...rulesByField].map(([name, rules]) => fieldOf(type, name, rules, defaults[name]));
  const shape: Shape = {
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map((field) => [field.name, field.schema])),
      required: fields.filter((field) => field.required).map((field) => field.name),
      additionalProperties: false,
    },
    classes: [],
  };
  shapes.set(type, shape);
  const reached = new Set<Class>([type]);
  for (const field of fields) {
    if (field.nested !== undefined && field.nested !== type) for (const inner of shapeOf(field.nested).classes) reached.add(inner);
  }
  Object.assign(shape, { classes: [...reached] });
  return shape;
}

function fieldOf(type: Class, name: string, rules: readonly Rule[], initial: unknown): Field {
  const own: JsonSchema = {};
  const items: JsonSchema = {};
  let nested: Class | undefined;
  let required = true;
  let nullable = false;
  for (const rule of rules) {
    if (rule.type === ValidationTypes.CONDITIONAL_VALIDATION) {
      if (rule.constraints[0] === isGiven) required = false;
      else if (rule.constraints[0] === isNotNull) nullable = true;
      else throw new Error(`${type.name}.${name}: use @Optional() or @Nullable(); other conditions have no schema`);
      continue;
    }
    if (rule.type === ValidationTypes.NESTED_VALIDATION) {
      nested = nestedTypeOf(type, name) as Class;
      Object.assign(rule.each ? items : own, reference(nested));
      continue;
    }
    const fragment = FRAGMENTS[rule.name ?? ''];
    if (fragment === undefined) throw new Error(`${type.name}.${name}: the rule ${rule.name ?? rule.type} has no schema`);
    Object.assign(rule.each ? items : own, fragment(...((rule.constraints ?? []) as [never, never])));
  }
  if (Object.keys(items).length > 0) own.items = items;
  const schema = nullable ? orNull(own) : own;
  if (initial !== undefined) schema.default = initial;
  const meaning = meaningOf(type, name);
  if (meaning !== undefined) schema.description = [meaning, schema.description].filter(Boolean).join(' ');
  return { name, schema, required: required && initial === undefined, nested, spelling: spellingOf(type, name) };
}

function orNull(schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) return { anyOf: [schema, { type: 'null' }] };
  return {
    ...schema,
    type: [schema.type as string, 'null'],
    ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
  };
}
