import 'reflect-metadata';
import type { Readable } from 'node:stream';
import type { Call } from './call.ts';
import { COMMON_ERRORS, type ErrorKind, Refusal } from './errors.ts';
import type { ReadyJson } from './ready-json.ts';
import type { Class } from './schema.ts';

/**
 * Who may call an operation. `public`: anyone, a token is ignored. `optional`: anyone, a token changes the answer. `user`: a signed-in
 * caller. `staff`: support or admin. `internal`: other services, never the gateway. `signature`: a provider that signs its request.
 */
export type Access = 'public' | 'optional' | 'user' | 'staff' | 'admin' | 'internal' | 'signature';
/** Requests of the checkout lane are taken before those of the browse lane and keep slots of their own. */
export type Lane = 'checkout' | 'browse';
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Method and path below `/api` (a path that begins with `~` stands at the root). */
export type HttpRoute = `${Method} ${'/' | '~/'}${string}`;

type PathParams<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathParams<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
/** A route whose path parameters are all fields of the input. */
type RouteFor<In, Route extends string> = PathParams<Route> extends keyof In ? Route : never;

/** `cart.line_limit` → its kind, or the kind with the extra members of the problem document. */
export type ErrorTable = Readonly<Record<string, ErrorKind | { readonly kind: ErrorKind; readonly fields: Class }>>;

interface OperationOptions<
  In extends object,
  Out extends object,
  Errors extends ErrorTable,
  Route extends HttpRoute,
  Bytes extends boolean,
  Who extends Access,
> {
  readonly summary: string;
  /** What the summary leaves out, in sentences; who may call it and how lists are paged is said by itself. */
  readonly description?: string;
  /** Sets of fields of which exactly one is given: `[['addressId'], ['shippingAddress']]`. */
  readonly oneOf?: readonly (readonly (keyof In & string)[])[];
  readonly access: Who;
  /** Absent for operations that only peers call. */
  readonly http?: Route & RouteFor<In, Route>;
  /** The event of the namespace named like the service that does the same: `message:send`. Its acknowledgement has the fields of `out`. */
  readonly socket?: string;
  readonly in: Class<In>;
  /** Absent when nothing is answered (204). */
  readonly out?: Class<Out>;
  /** 200 unless said; 204 without `out`. */
  readonly status?: number;
  readonly errors?: Errors;
  /** Milliseconds; 2,000 unless said. */
  readonly timeoutMs?: number;
  readonly lane?: Lane;
  /** Staff may name a foreign `:userId`; everyone else gets 403. */
  readonly staffForAll?: boolean;
  /** Anybody may name a foreign `:userId`: the operation itself decides what they see of it. */
  readonly openToOthers?: boolean;
  /** The route takes `Idempotency-Key`. Every POST that needs a token does, `/auth` aside. */
  readonly idempotent?: boolean;
  /** A public read that the gateway shares between callers, keeps for a moment and tags for revalidation. */
  readonly hot?: boolean;
  /**
   * What this operation does with the refresh token of a session: browsers may ask for it in a cookie (`X-Token-Transport`), then it is in
   * neither body.
   */
  readonly refreshToken?: RefreshTokenUse;
  /** The handler sees the body's bytes as sent and these request headers (`RawRequest`). */
  readonly raw?: RawOptions;
  /** Where it depends on the answer, such as 201 for what was created and 200 for what was there. */
  readonly statusOf?: (answer: Out) => number;
  /** The answer is a stream of bytes, carried over HTTP instead of the bus. */
  readonly bytes?: Bytes;
  /** The body is a stream of bytes, carried over HTTP instead of the bus; the handler reads it from `Call.transfer`. */
  readonly upload?: UploadOptions;
}

/**
 * `form`: `multipart/form-data`, whose fields the handler reads. `part`: bytes under a signed link; any query reaches the handler, which
 * refuses what was not signed. `text`: a document of that type, beside which the input stands in the query. `maxBytes` bounds the declared length, form and all.
 */
export type UploadOptions =
  | { readonly as: 'form'; readonly maxBytes: number /** What may stand beside `file`. */; readonly fields: Class }
  | { readonly as: 'part'; readonly maxBytes: number }
  | { readonly as: 'text'; readonly maxBytes: number; readonly mime: string };

/** `query`: keys that may stand in the address beside the body. */
export interface RawOptions {
  readonly headers: readonly string[];
  readonly query?: readonly string[];
  readonly maxBytes: number;
}

export type RefreshTokenUse = 'issues' | 'renews' | 'ends';

export interface AnyOperation {
  /** `cart.addItem`: the message pattern. */
  readonly key: string;
  readonly service: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly oneOf: readonly (readonly string[])[];
  readonly access: Access;
  readonly method: Method | undefined;
  /** With its prefix: `/api/cart/:userId`. */
  readonly path: string | undefined;
  readonly socket: string | undefined;
  readonly in: Class;
  readonly out: Class | undefined;
  readonly status: number;
  readonly errors: Readonly<Record<string, { readonly kind: ErrorKind; readonly fields: Class | undefined }>>;
  readonly timeoutMs: number;
  readonly lane: Lane;
  readonly staffForAll: boolean;
  readonly openToOthers: boolean;
  readonly idempotent: boolean;
  readonly hot: boolean;
  readonly refreshToken: RefreshTokenUse | undefined;
  readonly raw: RawOptions | undefined;
  readonly statusOf: ((answer: never) => number) | undefined;
  readonly bytes: boolean;
  readonly upload: UploadOptions | undefined;
}

/** Whether a request or its answer is too large for the bus, and goes from the gateway to one replica by HTTP. */
export const goesOverHttp = ({ bytes, upload }: AnyOperation): boolean => bytes || upload !== undefined;

export interface Operation<In extends object, Out, Codes extends string, Who extends Access> extends AnyOperation {
  readonly access: Who;
  readonly in: Class<In>;
  /** Only for inference; never set. */
  readonly infers?: { out: Out; codes: Codes };
}

/** The input of an operation with `raw`. */
export class RawRequest {
  bytes!: Buffer;
  headers!: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
}

/** What a handler of an operation with `bytes` answers. */
export interface ByteAnswer {
  readonly body: Buffer | NodeJS.ReadableStream | ByteSource;
  readonly mime: string;
  /** Seconds a client may keep it; 0 for private bytes. */
  readonly maxAge: number;
  /** What a browser that saves it calls it. */
  readonly fileName?: string;
  /** `inline` unless said. */
  readonly disposition?: 'inline' | 'attachment';
  /** What the bytes may do in a browser, as `Content-Security-Policy`. */
  readonly policy?: string;
  /** The request header that decides which representation this is. */
  readonly vary?: string;
}

/** Bytes that stay the same under their tag, and can be had in part: the answer knows 304, 206 and 416. */
export interface ByteSource {
  readonly size: number;
  /** Strong, without its quotes. */
  readonly etag: string;
  /** Both ends are inclusive; without a range all of them. */
  open(range?: ByteRange): Promise<Readable>;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export function operation<
  In extends object,
  Out extends object = never,
  const Errors extends ErrorTable = Record<never, ErrorKind>,
  const Route extends HttpRoute = HttpRoute,
  const Bytes extends boolean = false,
  const Who extends Access = Access,
>(
  options: OperationOptions<In, Out, Errors, Route, Bytes, Who>,
): Operation<In, Bytes extends true ? ByteAnswer : [Out] extends [never] ? void : Out, keyof Errors & string, Who> {
  const [method, path] = (options.http?.split(' ') ?? []) as [Method?, string?];
  const needsToken = options.access === 'user' || options.access === 'staff' || options.access === 'admin';
  return {
    key: '',
    service: '',
    summary: options.summary,
    description: options.description,
    oneOf: options.oneOf ?? [],
    access: options.access,
    method,
    path: path === undefined ? undefined : path.startsWith('~') ? path.slice(1) : `/api${path}`,
    socket: options.socket,
    in: options.in,
    out: options.out,
    status: options.status ?? (options.out === undefined && options.bytes !== true ? 204 : 200),
    errors: Object.fromEntries(
      Object.entries(options.errors ?? {}).map(([code, entry]) => [
        code,
        typeof entry === 'string' ? { kind: entry, fields: undefined } : entry,
      ]),
    ) as never,
    timeoutMs: options.timeoutMs ?? 2_000,
    lane: options.lane ?? 'browse',
    staffForAll: options.staffForAll ?? false,
    openToOthers: options.openToOthers ?? false,
    idempotent: options.idempotent ?? (method === 'POST' && needsToken && !(path ?? '').startsWith('/auth')),
    hot: options.hot ?? false,
    refreshToken: options.refreshToken,
    raw: options.raw,
    statusOf: options.statusOf,
    bytes: options.bytes ?? false,
    upload: options.upload,
  };
}

export interface AnyEvent {
  /** `payment.captured` */
  readonly key: string;
  readonly summary: string;
  /** Raised when the data changes shape; subscribers take the current and the one before. */
  readonly version: number;
  readonly data: Class;
  /** What its one subscriber may answer when it takes the event the first time: news that saves the publisher a question, and may be missing. */
  readonly answer: Class | undefined;
  readonly subscribers: readonly string[];
  /** Those subscribers that nobody waits for: they hear of it a moment later, many events in one message, and react to a list. */
  readonly batched: readonly string[];
  readonly lane: Lane;
}

export interface EventDefinition<Data extends object, Subscribers extends string, Answer, Batched extends string = never> extends AnyEvent {
  readonly data: Class<Data>;
  readonly subscribers: readonly Subscribers[];
  /** Only for inference; never set. */
  readonly infers?: { answer: Answer; batched: Batched };
}

/** A fact that must arrive, once in effect, at each service named here. */
export function event<
  Data extends object,
  const Subscribers extends string,
  Answer extends object = never,
  const Batched extends string = never,
>(options: {
  summary: string;
  version: number;
  data: Class<Data>;
  answer?: Class<Answer>;
  subscribers: readonly Subscribers[];
  batched?: readonly (Batched & NoInfer<Subscribers>)[];
  lane?: Lane;
}): EventDefinition<Data, Subscribers, Answer, Batched> {
  return { key: '', lane: 'browse', answer: undefined, batched: [], ...options };
}

/** A hint to every replica; may be lost, and a lost one costs only latency. */
export interface SignalDefinition<Data extends object> {
  readonly key: string;
  readonly summary: string;
  readonly data: Class<Data>;
}

export function signal<Data extends object>(options: { summary: string; data: Class<Data> }): SignalDefinition<Data> {
  return { key: '', ...options };
}

type Operations = Readonly<Record<string, AnyOperation>>;
type Events = Readonly<Record<string, AnyEvent>>;
type Signals = Readonly<Record<string, SignalDefinition<object>>>;

export interface Contract<Name extends string, Ops extends Operations, Evs extends Events, Sigs extends Signals> {
  readonly name: Name;
  readonly operations: Ops;
  readonly events: Evs;
  readonly signals: Sigs;
  /** A declared outcome of this service, to be thrown. */
  refuse(code: CodesOf<Ops>, detail: string, fields?: Record<string, unknown>): Refusal;
}

export interface AnyContract {
  readonly name: string;
  readonly operations: Operations;
  readonly events: Events;
  readonly signals: Signals;
}

type Inferred<O> = O extends { readonly infers?: infer Types } ? NonNullable<Types> : never;
type CodesOf<Ops extends Operations> = {
  [K in keyof Ops]: Inferred<Ops[K]> extends { codes: infer Codes extends string } ? Codes : never;
}[keyof Ops];
export type InputOf<O extends AnyOperation> = InstanceType<O['in']>;
export type AnswerOf<O extends AnyOperation> = Inferred<O> extends { out: infer Out } ? Out : never;

export type Handler<O extends AnyOperation> = (input: InputOf<O>, call: Call) => Promise<Answering<AnswerOf<O>>>;
type Answering<Answer> = [Answer] extends [object] ? Answer | ReadyJson : Answer;

/** What a service's handler classes must have between them: a method for each operation. */
export type Handlers<C extends AnyContract> = { [K in keyof C['operations']]: Handler<C['operations'][K]> };

/**
 * What a service must have for the events that name it: `onPaymentCaptured` for `payment.captured`. Where the contract says that it is told
 * in batches it reacts to a list, all in one transaction.
 */
export type Reactions<Subscriber extends string, C extends AnyContract, D extends Delivery = Delivery> = C extends AnyContract
  ? {
      [K in keyof C['events'] & string as Subscriber extends C['events'][K]['subscribers'][number]
        ? `on${Capitalize<C['name']>}${Capitalize<K>}`
        : never]: Subscriber extends BatchedOf<C['events'][K]>
        ? (data: readonly InstanceType<C['events'][K]['data']>[], delivery: Omit<D, keyof Delivery>) => Promise<void>
        : (data: InstanceType<C['events'][K]['data']>, delivery: D) => AnswerTo<C['events'][K]>;
    }
  : never;

type BatchedOf<E> = E extends { readonly infers?: { batched: infer Batched } } ? Batched : never;

type AnswerTo<E> = E extends { readonly infers?: { answer: infer Answer } }
  ? [Answer] extends [never]
    ? Promise<void>
    : Promise<Answer | undefined>
  : Promise<void>;

/** An event on its way to one subscriber. */
export interface Delivery {
  /** The same at every attempt. */
  readonly eventId: string;
  readonly version: number;
  readonly requestId: string;
}

const byKey = <T extends { readonly key: string }>(name: string, entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).map(([member, entry]) => [member, { ...entry, key: `${name}.${member}`, service: name }]));

/** Everything a service can do, on one screen. */
export function contract<
  const Name extends string,
  const Ops extends Operations,
  const Evs extends Events = Readonly<Record<never, AnyEvent>>,
  const Sigs extends Signals = Readonly<Record<never, SignalDefinition<object>>>,
>(name: Name, members: { operations: Ops; events?: Evs; signals?: Sigs }): Contract<Name, Ops, Evs, Sigs> {
  const operations = byKey(name, members.operations as never) as unknown as Ops;
  const kinds = new Map(Object.values(operations).flatMap((one) => Object.entries(one.errors).map(([code, entry]) => [code, entry.kind])));
  return {
    name,
    operations,
    events: byKey(name, (members.events ?? {}) as never) as unknown as Evs,
    signals: byKey(name, (members.signals ?? {}) as never) as unknown as Sigs,
    refuse: (code, detail, fields) => new Refusal(code, kinds.get(code) as ErrorKind, detail, fields),
  };
}

/** Whether an operation may answer with this code: its own, or a common one. */
export const declares = (one: AnyOperation, code: string): boolean => Object.hasOwn(one.errors, code) || Object.hasOwn(COMMON_ERRORS, code);
