/**
 * Environment variables, each declared once with its kind, its default and one sentence:
 *
 *     export const cartEnv = environment({ CART_LIMIT: whole({ min: 1, max: 500, default: 100, about: 'Lines a cart may hold.' }) });
 *     export type CartEnv = Values<typeof cartEnv>;
 *     const { CART_LIMIT } = cartEnv.read(process.env);
 *
 * `read` reports every problem at once, by variable and never by value. An empty string counts as unset. `.env.example` and
 * `docs/environment.md` are generated from the same declarations.
 */

/** What stands for an unset variable. With none of these the variable is required. */
export interface Options<T> {
  /** One sentence for the operator. */
  readonly about: string;
  readonly default?: T;
  /** Replaces `default` where NODE_ENV=production. */
  readonly production?: T;
  /** A default for development only: in production the variable must be set, and a secret must differ from this value. */
  readonly sandbox?: T;
  /** Unset is `undefined`. */
  readonly optional?: true;
  /** Set for variables that the local stack works out itself, so that the documentation can say so. */
  readonly local?: string;
}

export interface Variable<T> {
  readonly kind: string;
  /** Completes "must be …". */
  readonly expects: string;
  readonly options: Options<unknown>;
  /** Undefined when the text is not what the variable expects. */
  readonly parse: (text: string) => T | undefined;
  /** Texts that count as unset. */
  readonly ignores?: (text: string) => boolean;
}

export type Declarations = Readonly<Record<string, Variable<unknown>>>;
export type ValuesOf<D extends Declarations> = { readonly [K in keyof D]: D[K] extends Variable<infer T> ? T : never };
export type Source = Readonly<Record<string, string | undefined>>;

export interface Environment<D extends Declarations> {
  readonly variables: D;
  readonly checks: readonly Check[];
  /** @throws EnvironmentError with every problem found. */
  read(source: Source): ValuesOf<D>;
}

export type Values<E> = E extends Environment<infer D> ? ValuesOf<D> : never;

/** A rule over several variables: answers sentences that name variables, never values. It sees texts that may be wrong or missing. */
export type Check = (source: Source) => readonly string[];

export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export function isProduction(source: Source): boolean {
  return source.NODE_ENV === 'production';
}

export function environment<const D extends Declarations>(variables: D, ...checks: readonly Check[]): Environment<D> {
  return { variables, checks, read: (source) => read(variables, checks, source) };
}

/** Both sets as one, so that a process reports the problems of both at once. */
export function together<A extends Declarations, B extends Declarations>(a: Environment<A>, b: Environment<B>): Environment<A & B> {
  return environment({ ...a.variables, ...b.variables }, ...a.checks, ...b.checks);
}

function read<D extends Declarations>(variables: D, checks: readonly Check[], source: Source): ValuesOf<D> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const problem = readOne(name, variable, source, values);
    if (problem !== undefined) problems.push(problem);
  }
  problems.push(...checks.flatMap((check) => check(source)));
  if (isProduction(source)) problems.push(...alikeSecrets(variables, source));
  if (problems.length > 0) throw new EnvironmentError(problems);
  // The loop above filled one value per declaration, each by that declaration's own parser.
  return Object.freeze(hideSecrets(values, variables)) as ValuesOf<D>;
}

function readOne(
  name: string,
  { kind, expects, options, parse, ignores }: Variable<unknown>,
  source: Source,
  values: Record<string, unknown>,
): string | undefined {
  const production = isProduction(source);
  const text = source[name];
  if (text !== undefined && text !== '' && ignores?.(text) !== true) {
    const value = parse(text);
    if (value === undefined) return `${name} must be ${expects}`;
    if (production && isSecret(kind)) {
      if (options.sandbox !== undefined && value === options.sandbox)
        return `${name} has the value that development uses; production needs one of its own`;
      if (isPublished(text)) return `${name} stands in this repository, or is made like what does; production needs one of its own`;
      if (kind === 'secret' && new Set(text).size < LEAST_CHARACTERS) return `${name} can be guessed: it repeats a few characters`;
    }
    values[name] = value;
    return undefined;
  }
  if (production && options.production !== undefined) values[name] = options.production;
  else if (options.default !== undefined) values[name] = options.default;
  else if (options.sandbox !== undefined) {
    if (production) return `${name} must be set in production (${expects}); what stands for it in development is a sandbox`;
    values[name] = options.sandbox;
  } else if (options.optional) values[name] = undefined;
  else return `${name} is missing: it must be ${expects}`;
  return undefined;
}

/** A secret has at least so many different characters. */
const LEAST_CHARACTERS = 8;
/** What the secrets of the compose file, of tests and of examples have in them, and no drawn one. */
const PUBLISHED = /sandbox|only2u|example|change-?me|\btest|of tests|long enough|x{16}/i;
const isPublished = (secret: string): boolean => PUBLISHED.test(secret);

/** Two secrets that are one fall together. A secret may be the one before it. */
function alikeSecrets(variables: Declarations, source: Source): string[] {
  const secrets = Object.entries(variables).flatMap(([name, { kind }]) => (isSecret(kind) && source[name] ? [name] : []));
  return secrets.flatMap((name, index) =>
    secrets
      .slice(index + 1)
      .filter((other) => source[other] === source[name] && baseOf(other) !== baseOf(name))
      .map((other) => `${name} and ${other} are the same; each needs a value of its own`),
  );
}

const baseOf = (name: string): string => name.replace(/_PREVIOUS$/, '');

export function isSecret(kind: string): boolean {
  return kind === 'secret' || kind === 'pem';
}

/** Printing or serialising the values shows which secrets are set, and none of them; a URL is shown without its login. */
function hideSecrets(values: Record<string, unknown>, variables: Declarations): Record<string, unknown> {
  const show = (name: string, value: unknown) => {
    if (value === undefined) return value;
    if (isSecret(variables[name]?.kind ?? '')) return '[set]';
    return typeof value === 'string' && variables[name]?.kind === 'url' ? value.replace(/\/\/[^@/]*@/, '//') : value;
  };
  const shown = () => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, show(name, value)]));
  Object.defineProperty(values, 'toJSON', { value: shown });
  Object.defineProperty(values, Symbol.for('nodejs.util.inspect.custom'), { value: shown });
  return values;
}

type Given<T, O> = O extends { readonly optional: true } ? T | undefined : T;

function variable<T, O extends Options<T>>(kind: string, expects: string, options: O, parse: Variable<T>['parse']): Variable<Given<T, O>> {
  // Whether `undefined` is possible follows from the options' type, which a parser of T cannot express.
  return { kind, expects, options, parse } as Variable<Given<T, O>>;
}

export function text<const O extends Options<string> & { readonly pattern?: RegExp; readonly expects?: string }>(options: O) {
  return variable<string, O>('text', options.expects ?? 'a text', options, (value) =>
    options.pattern?.test(value) === false ? undefined : value,
  );
}

/** `min`: bytes, 32 unless said otherwise. */
export function secret<const O extends Options<string> & { readonly min?: number }>(options: O) {
  const min = options.min ?? 32;
  return variable<string, O>('secret', `a secret of at least ${min} bytes`, options, (value) =>
    Buffer.byteLength(value) < min ? undefined : value,
  );
}

/** A private key as PEM. Where line breaks cannot be written, `\n` stands for one. */
export function pem<const O extends Options<string>>(options: O) {
  return variable<string, O>('pem', 'a private key in PEM form (PKCS #8)', options, (value) => {
    const key = value.replaceAll('\\n', '\n').trim();
    return /^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----$/.test(key) ? `${key}\n` : undefined;
  });
}

/** `protocols` without colon; http and https unless said otherwise. The value keeps no trailing slash. */
export function url<const O extends Options<string> & { readonly protocols?: readonly string[] }>(options: O) {
  const protocols = options.protocols ?? ['http', 'https'];
  return variable<string, O>('url', `a URL that starts with ${protocols.map((name) => `${name}://`).join(' or ')}`, options, (value) => {
    const parsed = URL.parse(value);
    if (parsed === null || !protocols.includes(parsed.protocol.slice(0, -1)) || !value.includes('://')) return undefined;
    return value.replace(/\/+$/, '');
  });
}

export function whole<const O extends Options<number> & { readonly min?: number; readonly max?: number }>(options: O) {
  return numeric('whole', 'a whole number', options);
}

/** Money in paise. */
export function paise<const O extends Options<number> & { readonly min?: number; readonly max?: number }>(options: O) {
  return numeric('paise', 'a whole number of paise', { min: 0, ...options });
}

export function seconds<const O extends Options<number> & { readonly min?: number; readonly max?: number }>(options: O) {
  return numeric('seconds', 'a whole number of seconds', { min: 0, ...options });
}

/**
 * Kubernetes writes `<SERVICE>_PORT=tcp://10.0.0.1:3000` into every pod beside a Service of that name ("service links"), so
 * GATEWAY_PORT may hold one without anybody having set it. Such a text counts as unset.
 */
export function port<const O extends Options<number>>(options: O) {
  return { ...numeric('port', 'a port', { min: 1, max: 65_535, ...options }), ignores: (value: string) => value.startsWith('tcp://') };
}

function numeric<const O extends Options<number> & { readonly min?: number; readonly max?: number }>(
  kind: string,
  noun: string,
  options: O,
) {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  const bounds = [options.min === undefined ? '' : ` from ${min}`, options.max === undefined ? '' : ` up to ${max}`].join('');
  return variable<number, O>(kind, noun + bounds, options, (value) => {
    const number = Number(value);
    return /^-?\d+$/.test(value) && number >= min && number <= max ? number : undefined;
  });
}

/** A decimal number, for factors and rates. */
export function decimal<const O extends Options<number> & { readonly min?: number; readonly max?: number }>(options: O) {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options;
  const bounds = [options.min === undefined ? '' : ` from ${min}`, options.max === undefined ? '' : ` up to ${max}`].join('');
  return variable<number, O>('decimal', `a number${bounds}`, options, (value) => {
    const number = Number(value);
    return /^-?\d+(\.\d+)?$/.test(value) && number >= min && number <= max ? number : undefined;
  });
}

export function flag<const O extends Options<boolean>>(options: O) {
  return variable<boolean, O>('flag', 'true or false', options, (value) => {
    if (['true', '1', 'yes', 'on'].includes(value.toLowerCase())) return true;
    return ['false', '0', 'no', 'off'].includes(value.toLowerCase()) ? false : undefined;
  });
}

export function choice<const C extends readonly string[], const O extends Options<C[number]>>(choices: C, options: O) {
  return variable<C[number], O>('choice', `one of ${choices.join(', ')}`, options, (value) =>
    choices.find((candidate) => candidate === value),
  );
}

/** Comma-separated; blanks around entries and empty entries are dropped. */
export function list<const O extends Options<readonly string[]>>(options: O) {
  return variable<readonly string[], O>('list', 'a list separated by commas', options, (value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );
}
