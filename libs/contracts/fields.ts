import 'reflect-metadata';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
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
import { canLieIn, PINCODE } from '#libs/places/pincodes';
import { STATE_NAMES, stateOf } from '#libs/places/states';
import { isDay, isMoment, isPlainAddress, phoneOf, VISIBLE, withoutInvisible, withoutUnseen } from './spellings.ts';

/**
 * The vocabulary of the contracts: each field decorator is a few of class-validator's, so that validation and the schema
 * derived from them (`schema.ts`) cannot differ. Plain class-validator decorators may stand beside them.
 */
type Class = new () => object;

/** Several decorators as one; a field that several classes have is declared by one of these. */
export const all =
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

const MEANING = Symbol('meaning');
/** What a field means where its name does not say it: who sees it, what is in it, when it is absent. Read by `schema.ts`; the unit comes with the type. */
export const Means = (text: string): PropertyDecorator => Reflect.metadata(MEANING, text) as PropertyDecorator;

const UNIT = Symbol('unit');
const measuredIn = (unit: string): PropertyDecorator => Reflect.metadata(UNIT, unit) as PropertyDecorator;

/** The field's description in the API's document: its meaning and its unit. */
export function meaningOf(owner: Class, property: string): string | undefined {
  const said = [MEANING, UNIT].flatMap((part): string[] => Reflect.getMetadata(part, owner.prototype, property) ?? []);
  return said.length === 0 ? undefined : said.join(' ');
}

const SPELLING = Symbol('spelling');
/** Turns what is given into the one spelling that is kept, before it is judged; a value that cannot be read stays as it is. */
const spelled =
  (spelling: (given: string) => string): PropertyDecorator =>
  (target, property) =>
    Reflect.defineMetadata(SPELLING, spelling, target, property);

export const spellingOf = (owner: Class, property: string): ((given: string) => string) | undefined =>
  Reflect.getMetadata(SPELLING, owner.prototype, property);

/** A rule that class-validator has not; `schema.ts` knows it by its name. */
const rule = (name: string, test: (value: string, owner: object) => boolean, message: string, context?: object): PropertyDecorator =>
  ValidateBy(
    {
      name,
      validator: {
        validate: (value: unknown, about) => typeof value === 'string' && test(value, about?.object ?? {}),
        defaultMessage: () => message,
      },
    },
    context === undefined ? undefined : { context },
  );

/** Conditions that `schema.ts` knows by identity: class-validator keeps only the function. */
export const isGiven = (_: object, value: unknown): boolean => value !== undefined;
export const isNotNull = (_: object, value: unknown): boolean => value !== null;

/** May be left out; null is not the same and is refused. */
export const Optional = (): PropertyDecorator => ValidateIf(isGiven);
export const Nullable = (): PropertyDecorator => ValidateIf(isNotNull);

/** UUIDs ignore letter case (RFC 9562); inside they are compared as text. */
const inSmallLetters = (text: string): string => text.toLowerCase();
export const Uuid = (): PropertyDecorator => all(IsUUID('all'), spelled(inSmallLetters));
/** Text of `min`..`max` characters. */
export const Text = (min: number, max: number): PropertyDecorator => all(IsString(), Length(min, max));
/** The same, with a character that people can see. */
export const Words = (min: number, max: number): PropertyDecorator =>
  all(Text(min, max), Matches(VISIBLE, { message: 'must not be blank' }));
/** Words that are compared with others, such as a size or a SKU: characters that nobody sees are left out, joiners inside words stay. */
export const Label = (min: number, max: number): PropertyDecorator => all(Words(min, max), spelled(withoutUnseen));
/** A code that people type or paste, such as a coupon's: what cannot be seen in it does not count. */
export const Code = (min: number, max: number): PropertyDecorator => all(Text(min, max), spelled(withoutInvisible));
export const Pattern = (pattern: RegExp, message: string): PropertyDecorator => all(IsString(), Matches(pattern, { message }));
export const Email = (): PropertyDecorator =>
  all(
    IsString(),
    Length(3, 254),
    IsEmail({ allow_utf8_local_part: false }),
    rule('plainAddress', isPlainAddress, 'must be an email without invisible characters'),
  );
/** An Indian mobile number as people write it; kept as `+91` and ten digits. */
export const Phone = (): PropertyDecorator =>
  all(
    rule('phone', (value) => phoneOf(value) === value, 'must be an Indian mobile number: ten digits beginning 6 to 9, with or without +91'),
    spelled((given) => phoneOf(given) ?? given),
  );
/** A state or union territory by name or ISO 3166-2 code; kept as the official name. */
export const StateName = (): PropertyDecorator =>
  all(
    rule('state', (value) => STATE_NAMES.includes(value), 'must be a state or union territory of India', { allowed: STATE_NAMES }),
    spelled((given) => stateOf(given)?.name ?? given),
  );
/** A PIN code. Where `state` stands beside it, one that can lie there. */
export const Pincode = (): PropertyDecorator =>
  all(Pattern(PINCODE, 'must be six digits, the first not 0'), rule('pincodeOfState', fitsState, 'is not a PIN code of this state'));
export const Whole = (min: number, max: number): PropertyDecorator => all(IsInt(), Min(min), Max(max));
/** 100 crore rupees, which is far above any order. */
export const MAX_PAISE = 100_000_000_000;
/** An amount of money, whole. */
export const Paise = (min = 0): PropertyDecorator => all(Whole(min, MAX_PAISE), measuredIn('In paise, of which ₹1 has 100.'));
/** A duration. */
export const Seconds = (min: number, max: number): PropertyDecorator => all(Whole(min, max), measuredIn('In seconds.'));
export const Decimal = (min: number, max: number): PropertyDecorator =>
  all(IsNumber({ allowNaN: false, allowInfinity: false }), Min(min), Max(max));
export const Flag = (): PropertyDecorator => IsBoolean();
export const OneOf = (values: readonly string[]): PropertyDecorator => IsIn(values);
/** ISO 8601 with `Z` or an offset, of a day that there is. */
export const Timestamp = (): PropertyDecorator =>
  rule('timestamp', isMoment, 'must be an ISO 8601 date and time with a zone (Z or an offset)');
/** A day in India. */
export const Day = (): PropertyDecorator => all(rule('day', isDay, 'must be a day as YYYY-MM-DD'), measuredIn('A day in India.'));
export const Nested = (type: () => Class): PropertyDecorator => all(IsObject(), ValidateNested(), nests(type));
export const ListOf = (type: () => Class, min = 0, max = Number.MAX_SAFE_INTEGER): PropertyDecorator =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsObject({ each: true }), ValidateNested({ each: true }), nests(type));
/** A list of texts of `minLength`..`maxLength` characters. */
export const TextList = (max: number, minLength: number, maxLength: number): PropertyDecorator =>
  all(IsArray(), ArrayMaxSize(max), IsString({ each: true }), Length(minLength, maxLength, { each: true }));
/** A list of whole numbers. */
export const WholeList = (length: number, min: number, max: number): PropertyDecorator =>
  all(IsArray(), ArrayMaxSize(length), IsInt({ each: true }), Min(min, { each: true }), Max(max, { each: true }));
/** A list of different ones of `values`. */
export const SomeOf = (values: readonly string[], min: number): PropertyDecorator =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(values.length), IsIn(values, { each: true }));
export const UuidList = (min: number, max: number): PropertyDecorator =>
  all(IsArray(), ArrayMinSize(min), ArrayMaxSize(max), IsUUID('all', { each: true }), spelled(inSmallLetters));

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

/** A dictionary as people enter it: names and texts have a visible character. */
export const Attributes = (): PropertyDecorator =>
  all(
    Dictionary(),
    ValidateBy({
      name: 'visibleMembers',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          Object.entries(value)
            .flat()
            .every((text) => typeof text !== 'string' || VISIBLE.test(text)),
        defaultMessage: () => 'must have names and texts that are not blank',
      },
    }),
  );

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

/** A state that cannot be read is told at its own field. */
function fitsState(pincode: string, owner: object): boolean {
  const state = 'state' in owner && typeof owner.state === 'string' ? stateOf(owner.state) : undefined;
  return state === undefined || canLieIn(pincode, state);
}
