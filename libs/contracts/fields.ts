import 'reflect-metadata';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

/**
 * The vocabulary of the contracts: each field decorator is a few of class-validator's, so that validation and the schema
 * derived from them (`schema.ts`) cannot differ. Plain class-validator decorators may stand beside them.
 */
type Class = new () => object;

const all =
  (...decorators: PropertyDecorator[]): PropertyDecorator =>
  (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };

const NESTED = Symbol('nested type');
const nests =
  (type: () => Class): PropertyDecorator =>
  (target, property) =>
    Reflect.defineMetadata(NESTED, type, target, property);

/** The class of a nested object or of a list's elements. */
export const nestedTypeOf = (owner: Class, property: string): Class => {
  const type: (() => Class) | undefined = Reflect.getMetadata(NESTED, owner.prototype, property);
  if (type === undefined) throw new Error(`${owner.name}.${property}: a nested field needs @Nested() or @ListOf()`);
  return type();
};

/** Conditions that `schema.ts` knows by identity: class-validator keeps only the function. */
export const isGiven = (_: object, value: unknown): boolean => value !== undefined;
export const isNotNull = (_: object, value: unknown): boolean => value !== null;

/** May be left out; null is not the same and is refused. */
export const Optional = (): PropertyDecorator => ValidateIf(isGiven);
export const Nullable = (): PropertyDecorator => ValidateIf(isNotNull);

export const Uuid = (): PropertyDecorator => IsUUID('all');
/** Text of `min`..`max` characters. */
export const Text = (min: number, max: number): PropertyDecorator => all(IsString(), Length(min, max));
/** The same, and not of blanks alone. */
export const Words = (min: number, max: number): PropertyDecorator => all(Text(min, max), Matches(/\S/, { message: 'must not be blank' }));
export const Pattern = (pattern: RegExp, message: string): PropertyDecorator => all(IsString(), Matches(pattern, { message }));
export const Email = (): PropertyDecorator => all(IsString(), Length(3, 254), IsEmail({ allow_utf8_local_part: false }));
/** An Indian mobile number, `+91` and ten digits. */
export const Phone = (): PropertyDecorator => Pattern(/^\+91[6-9]\d{9}$/, 'must be +91 and ten digits beginning 6 to 9');
export const Whole = (min: number, max: number): PropertyDecorator => all(IsInt(), Min(min), Max(max));
/** Whole paise; 100 crore rupees is far above any order. */
export const Paise = (min = 0): PropertyDecorator => Whole(min, 100_000_000_000);
export const Decimal = (min: number, max: number): PropertyDecorator =>
  all(IsNumber({ allowNaN: false, allowInfinity: false }), Min(min), Max(max));
export const Flag = (): PropertyDecorator => IsBoolean();
export const OneOf = (values: readonly string[]): PropertyDecorator => IsIn(values);
/** ISO 8601 in UTC, of a day that there is. */
export const Timestamp = (): PropertyDecorator => all(IsString(), IsISO8601({ strict: true }));
export const Nested = (type: () => Class): PropertyDecorator => all(IsObject(), ValidateNested(), nests(type));
export const ListOf = (type: () => Class, min = 0, max = Number.MAX_SAFE_INTEGER): PropertyDecorator =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsObject({ each: true }), ValidateNested({ each: true }), nests(type));
/** A list of texts of `minLength`..`maxLength` characters. */
export const TextList = (max: number, minLength: number, maxLength: number): PropertyDecorator =>
  all(IsArray(), ArrayMaxSize(max), IsString({ each: true }), Length(minLength, maxLength, { each: true }));
export const UuidList = (min: number, max: number): PropertyDecorator =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsUUID('all', { each: true }));

const MAX_DICTIONARY_KEYS = 50;

/** A flat object of short texts, such as a product's attributes. */
export const Dictionary = (): PropertyDecorator =>
  ValidateBy({
    name: 'dictionary',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length <= MAX_DICTIONARY_KEYS &&
        Object.entries(value).every(([key, text]) => key.length <= 60 && typeof text === 'string' && text.length <= 500),
      defaultMessage: () => `must be an object of at most ${MAX_DICTIONARY_KEYS} short texts`,
    },
  });

/** An object whose members are all one of `values`. */
export const OneOfByName = (values: readonly string[]): PropertyDecorator =>
  ValidateBy({
    name: 'oneOfByName',
    constraints: [values],
    validator: { validate: (value: unknown) => everyMember(value, (member) => values.includes(member as string)) },
  });

/** An object whose members are all whole numbers from 0. */
export const CountByName = (): PropertyDecorator =>
  ValidateBy({
    name: 'countByName',
    validator: { validate: (value: unknown) => everyMember(value, (member) => Number.isInteger(member) && (member as number) >= 0) },
  });

const everyMember = (value: unknown, test: (member: unknown) => boolean): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(test);
