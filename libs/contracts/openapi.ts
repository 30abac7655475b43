import { type AnyContract, type AnyOperation, RawRequest, type UploadOptions } from './contract.ts';
import { COMMON_ERRORS, type CommonCode, STATUS_BY_KIND } from './errors.ts';
import { exampleBody, exampleOf, pathNames } from './examples.ts';
import { callersOf, describeOperation } from './operation-text.ts';
import { type Class, type Field, type JsonSchema, shapeOf } from './schema.ts';

export const API_VERSION = '1.0.0';

type Json = Record<string, unknown>;

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem document. `code` is stable; further members depend on it.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    requestId: { type: 'string' },
    retryable: { type: 'boolean' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' }, allowed: { type: 'array', items: { type: 'string' } } },
        required: ['path', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
};

/** The OpenAPI 3.1 document of everything the contracts show to the outside. */
export function openApiOf(contracts: readonly AnyContract[], version: string): Json {
  const classes = new Set<Class>();
  const paths: Record<string, Json> = {};
  for (const contract of contracts) {
    for (const operation of Object.values(contract.operations)) {
      if (operation.path === undefined || operation.method === undefined) continue;
      const path = operation.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation, classes) };
    }
  }
  const schemas = Object.fromEntries(
    [...classes].flatMap((type) => shapeOf(type).classes).map((type) => [type.name, shapeOf(type).schema]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Only2U',
      version,
      description:
        'The API of a fashion shop in India. Money is whole paise (INR), times are ISO 8601 in UTC, ids are UUIDs. Errors are RFC 9457 problem documents with a stable `code`.\n\n**Signing in.** `POST /api/auth/login` answers an `accessToken`; send it as `Authorization: Bearer …` (here: Authorize). It is good for 15 minutes, then `POST /api/auth/refresh` answers the next. In the path, `me` stands for the caller’s own id. Products are found by id or slug.\n\nLive order status: socket.io at `/socket.io`, namespace `/events`, the access token in `auth.token`; the server sends `order:status` with `{ orderId, number, status, paymentStatus, at }`, and a client that was away reads its orders again.',
    },
    servers: [{ url: '/' }],
    tags: contracts.map(({ name }) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b))),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { ...Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b))), Problem: PROBLEM },
    },
  };
}

function describe(operation: AnyOperation, classes: Set<Class>): Json {
  const inPath = pathNames(operation);
  const takesBody = operation.method !== 'GET';
  const isInQuery = !takesBody || operation.upload?.as === 'text';
  const parameters: Json[] = shapeOf(operation.in)
    .fields.filter(({ name }) => inPath.includes(name) || isInQuery)
    .map((field) => parameterOf(field, inPath.includes(field.name)));
  for (const name of operation.raw?.query ?? [])
    parameters.push({ name, in: 'query', required: true, schema: { type: 'string', minLength: 1, maxLength: 500 } });
  if (operation.idempotent) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      description: 'A repeat with the same key and body gets the first answer; kept for 24 hours.',
    });
  }
  if (operation.refreshToken !== undefined) {
    parameters.push({
      name: 'X-Token-Transport',
      in: 'header',
      required: false,
      schema: { type: 'string', enum: ['cookie'] },
      description: 'For pages: the refresh token is in an HttpOnly cookie and in no body. Needs an allowed Origin.',
    });
  }
  return {
    operationId: operation.key.replace('.', '_'),
    tags: [operation.service],
    summary: `${operation.summary} (${callersOf(operation)})`,
    description: describeOperation(operation),
    'x-access': operation.access,
    parameters,
    ...(takesBody ? requestBody(operation, inPath, classes) : {}),
    responses: { ...success(operation, classes), ...failures(operation, classes) },
    security:
      operation.access === 'public' || operation.access === 'signature'
        ? []
        : operation.access === 'optional'
          ? [{}, { bearer: [] }]
          : [{ bearer: [] }],
  };
}

function parameterOf({ name, schema, required, ...field }: Field, isPath: boolean): Json {
  const isMe = isPath && name === 'userId';
  return {
    name,
    in: isPath ? 'path' : 'query',
    required: isPath || required,
    schema: isMe ? { anyOf: [schema, { type: 'string', const: 'me' }] } : schema,
    ...(isMe ? { description: 'A user’s id, or `me` for the caller.' } : {}),
    // An example of what may be left out would be sent by those who try the operation.
    ...(isPath || required ? { example: exampleOf({ name, schema, required, ...field }) } : {}),
  };
}

function requestBody(operation: AnyOperation, inPath: readonly string[], reached: Set<Class>): Json {
  if ((operation.in as unknown) === RawRequest)
    return { requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } };
  if (operation.upload !== undefined) return { requestBody: { required: true, content: uploadContent(operation.upload) } };
  const { schema, classes } = shapeOf(operation.in);
  const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => !inPath.includes(name)));
  if (Object.keys(properties).length === 0) return {};
  const required = (schema.required ?? []).filter((name) => !inPath.includes(name));
  for (const inner of classes) if (inner !== operation.in) reached.add(inner);
  return {
    requestBody: {
      required: required.length > 0,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties,
            required,
            additionalProperties: false,
            ...(operation.oneOf.length > 0 ? { oneOf: operation.oneOf.map((names) => ({ required: names })) } : {}),
          },
          example: exampleBody(operation),
        },
      },
    },
  };
}

const BINARY: JsonSchema = { type: 'string', format: 'binary' };

function uploadContent(upload: UploadOptions): Json {
  if (upload.as === 'part') return { '*/*': { schema: BINARY } };
  if (upload.as === 'text') return { [upload.mime]: { schema: { type: 'string' } } };
  const { schema } = shapeOf(upload.fields);
  const properties = { file: BINARY, ...schema.properties };
  return { 'multipart/form-data': { schema: { type: 'object', properties, required: ['file'], additionalProperties: false } } };
}

function success(operation: AnyOperation, classes: Set<Class>): Json {
  if (operation.bytes) return { 200: { description: operation.summary, content: { '*/*': { schema: BINARY } } } };
  if (operation.out === undefined) return { [operation.status]: { description: operation.summary } };
  classes.add(operation.out);
  const answer = {
    description: operation.summary,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${operation.out.name}` } } },
  };
  return operation.statusOf === undefined ? { [operation.status]: answer } : { 200: answer, 201: answer };
}

function failures(operation: AnyOperation, classes: Set<Class>): Json {
  const codes = new Map<number, { codes: string[]; schemas: JsonSchema[] }>();
  const note = (status: number, code: string, fields?: Class): void => {
    const entry = codes.get(status) ?? { codes: [], schemas: [] };
    entry.codes.push(code);
    if (fields !== undefined) {
      classes.add(fields);
      entry.schemas.push({ $ref: `#/components/schemas/${fields.name}` });
    }
    codes.set(status, entry);
  };
  for (const [code, { kind, fields }] of Object.entries(operation.errors)) note(STATUS_BY_KIND[kind], code, fields);
  for (const code of commonCodesOf(operation)) note(STATUS_BY_KIND[COMMON_ERRORS[code].kind], code);
  return Object.fromEntries(
    [...codes].map(([status, entry]) => [
      status,
      {
        description: [...new Set(entry.codes)].map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: problemWith(entry.schemas) } },
      },
    ]),
  );
}

/** The problem document, with the members that some of its codes have. */
const problemWith = (members: readonly JsonSchema[]): JsonSchema => {
  const problem = { $ref: '#/components/schemas/Problem' };
  return members.length === 0 ? problem : { anyOf: [...members.map((one) => ({ allOf: [problem, one] })), problem] };
};

function commonCodesOf(operation: AnyOperation): CommonCode[] {
  const codes: CommonCode[] = ['validation_failed', 'malformed', 'rate_limited', 'internal', 'unavailable', 'timeout'];
  if (operation.access !== 'public' && operation.access !== 'signature') codes.push('unauthenticated');
  if (operation.access === 'staff' || operation.access === 'admin' || operation.path?.includes(':userId')) codes.push('forbidden');
  else if (operation.refreshToken !== undefined) codes.push('forbidden');
  if (operation.path?.includes(':')) codes.push('not_found');
  if (operation.method !== 'GET') codes.push('payload_too_large', 'unsupported_media_type');
  if (operation.idempotent) codes.push('idempotency_key_reused', 'idempotency_in_flight');
  return codes;
}
