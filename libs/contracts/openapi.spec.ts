import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { authApi } from './auth/api.ts';
import type { AnyContract, AnyOperation } from './contract.ts';
import { Refusal } from './errors.ts';
import { exampleBody, exampleOf, pathNames } from './examples.ts';
import { openApiOf } from './openapi.ts';
import { orderApi } from './order/api.ts';
import { paymentApi, SettlementDay } from './payment/api.ts';
import { shapeOf } from './schema.ts';
import { readInput } from './shape.ts';

const files = globSync('*/api.ts', { cwd: import.meta.dirname });
const modules: Record<string, unknown>[] = await Promise.all(
  files.map((file) => import(pathToFileURL(join(import.meta.dirname, file)).href)),
);
const isContract = (one: unknown): one is AnyContract => typeof one === 'object' && one !== null && 'operations' in one;
const contracts = modules.flatMap((module) => Object.values(module).filter(isContract));
const open = contracts.flatMap(({ operations }) => Object.values(operations)).filter(({ path }) => path !== undefined);

interface Described {
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; example?: unknown }[];
  readonly requestBody?: { content: { 'application/json': { example?: unknown; schema: { oneOf?: unknown } } } };
  readonly responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}
const document = openApiOf(contracts, '1.0.0') as { paths: Record<string, Record<string, Described>> };
const inDocument = ({ path = '', method = 'GET' }: AnyOperation): Described =>
  document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()] as Described;

/** What the example of a path, query and body comes to, read as a service reads it. */
function readExample(operation: AnyOperation): unknown {
  const inPath = pathNames(operation);
  const given = shapeOf(operation.in).fields.filter(
    ({ name, required }) => inPath.includes(name) || (required && exampleBody(operation) === undefined),
  );
  // `me` is turned into the caller's id before.
  const parameters = given.map((field) => [
    field.name,
    field.name === 'userId' ? '01890a5d-ac96-774b-bcce-b302099a8057' : exampleOf(field),
  ]);
  return readInput(operation.in, { ...Object.fromEntries(parameters), ...exampleBody(operation) });
}

describe('every operation of the document', () => {
  it('is described in a sentence, with who may call it', () => {
    for (const operation of open) {
      const { description, summary } = inDocument(operation);
      expect(description, operation.key).toMatch(/\. (Anyone|For) .*\.$/);
      expect(summary, operation.key).toMatch(/ \((public|user|staff|admin|signature)\)$/);
    }
  });

  it('has an example that it would take itself', () => {
    for (const operation of open.filter(({ raw }) => raw === undefined)) {
      try {
        readExample(operation);
      } catch (error) {
        throw new Error(`${operation.key} ${JSON.stringify(exampleBody(operation))}: ${error instanceof Refusal ? error.detail : error}`);
      }
    }
  });

  it('shows the example of its body, and of its path', () => {
    for (const operation of open.filter(({ raw, upload }) => raw === undefined && upload === undefined)) {
      const { requestBody, parameters } = inDocument(operation);
      if (requestBody !== undefined) expect(requestBody.content['application/json'].example, operation.key).toEqual(exampleBody(operation));
      for (const parameter of parameters) if (parameter.in === 'path') expect(parameter.example, operation.key).toBeDefined();
    }
  });
});

it('an order needs one of an address’s id and an address', () => {
  const { requestBody, description } = inDocument(orderApi.operations.place);
  expect(requestBody?.content['application/json'].schema.oneOf).toEqual([{ required: ['addressId'] }, { required: ['shippingAddress'] }]);
  expect(description).toContain('`addressId` or `shippingAddress`');
  expect(Object.keys(exampleBody(orderApi.operations.place) ?? {})).toContain('shippingAddress');
});

it('a refresh token is renewed from the body where there is no cookie', () => {
  expect(exampleBody(authApi.operations.refresh)).toEqual({ refreshToken: expect.any(String) });
});

it('a callback says why it has no example', () => {
  expect(inDocument(paymentApi.operations.webhook).description).toContain('There is no example: ');
});

it('the members of a problem are in the schema of its status', () => {
  const schema = JSON.stringify(inDocument(orderApi.operations.place).responses['409']?.content?.['application/problem+json']?.schema);
  for (const members of ['OrderTotal', 'OrderShortages', 'ExistingOrder']) expect(schema).toContain(`#/components/schemas/${members}`);
});

it('`me` may stand for the caller’s id', () => {
  const parameter = inDocument(orderApi.operations.history).parameters.find(({ name }) => name === 'userId');
  expect(parameter).toMatchObject({ example: 'me', schema: { anyOf: [{ format: 'uuid' }, { const: 'me' }] } });
});

describe('the fields of the document', () => {
  /** Every number that a client sends or reads, with what is said of it. */
  const numbers = open.flatMap(({ key, in: input, out }) =>
    [input, ...(out === undefined ? [] : [out])]
      .flatMap((type) => shapeOf(type).classes)
      .flatMap((type) => shapeOf(type).fields.map((field) => ({ of: `${key} ${type.name}`, ...field })))
      .filter(({ schema: { type } }) => [type].flat().some((one) => one === 'integer' || one === 'number')),
  );

  it('say of money that it is in paise', () => {
    const MONEY =
      /amount|price|mrp|fee$|tax$|[cis]gst$|discount|subtotal|budget|spent|captured|refunded|due$|lineTotal|expectedTotal|^ours$|^razorpay$|^difference$/i;
    const money = numbers.filter(
      ({ name, of }) => MONEY.test(name) || (name === 'total' && !/ (?:ProductPage|SearchPage|StaffProductPage|FeedbackQueue)$/.test(of)),
    );
    expect(money.length).toBeGreaterThan(40);
    for (const { of, name, schema } of money) expect(schema.description, `${of}.${name}`).toMatch(/paise/);
  });

  it('say of a duration that it is in seconds', () => {
    const durations = numbers.filter(({ name }) => /(?:In|After|Seconds|Ttl)$/.test(name));
    expect(durations.length).toBeGreaterThan(0);
    for (const { of, name, schema } of durations) expect(schema.description, `${of}.${name}`).toMatch(/seconds/);
  });

  it('say of every number what it counts, unless its name does', () => {
    const COUNTS = /^(?:quantity|attempts)$/;
    for (const { of, name, schema } of numbers.filter(({ name }) => !COUNTS.test(name)))
      expect(schema.description, `${of}.${name}`).toBeTruthy();
  });

  it('say of a day that it is India’s', () => {
    expect(shapeOf(SettlementDay).schema.properties?.date?.description).toMatch(/India/);
  });
});
