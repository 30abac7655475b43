import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { Shop } from './shop.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly security: readonly Record<string, unknown>[];
  readonly requestBody?: object;
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}

const document = JSON.parse(readFileSync('libs/client/openapi.json', 'utf8')) as Document;
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
const NOBODY = '018f0000-0000-7000-8000-000000000000';
const filled = (path: string, value = NOBODY): string => path.replace(/\{\w+\}/g, value);
const needsToken = ({ security }: Operation): boolean => security.length > 0 && !security.some((one) => Object.keys(one).length === 0);
const isForAdmins = ({ operation }: (typeof routes)[number]): boolean =>
  /^(product_(create|edit|remove|add)|auth_(users|editUser|staffList|inviteStaff|audit)|gateway_(dead|replay|drop))/.test(
    operation.operationId,
  );
/** A person's public wish lists are shown to everybody, also at an address that names nobody. */
/** They name somebody else: whose public lists are looked at, and who is blocked. */
const isOpenToOthers = ({ operationId }: Operation): boolean =>
  ['wishlist_collections', 'chat_block', 'chat_unblock'].includes(operationId);
const isForStaff = ({ operation }: (typeof routes)[number]): boolean => /^product_(stock|setStock)/.test(operation.operationId);

const ajv = new Ajv2020({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
ajv.addSchema({ $id: 'api', components: document.components });

/** Fails when an answer is not what the document promises for its status. */
async function fits(route: (typeof routes)[number], answer: Response): Promise<void> {
  const text = await answer.text();
  const promised = route.operation.responses[String(answer.status)];
  expect(
    promised,
    `${route.method} ${route.path} answered ${answer.status}, which the document does not name: ${text.slice(0, 200)}`,
  ).toBeDefined();
  const [type, content] = Object.entries(promised?.content ?? {})[0] ?? [];
  if (type === undefined || type === '*/*' || content === undefined || text === '') return;
  expect(answer.headers.get('content-type'), `${route.method} ${route.path} ${answer.status}: ${text.slice(0, 200)}`).toContain(type);
  const schema = JSON.parse(JSON.stringify(content.schema).replaceAll('"#/components', '"api#/components'));
  const validate = ajv.compile(schema);
  expect(validate(JSON.parse(text)), `${route.method} ${route.path}: ${ajv.errorsText(validate.errors)}`).toBe(true);
}

/** Every route of the OpenAPI document, with callers and input that it must refuse. */
export function documentSuite(open: () => Shop): void {
  describe('every route', () => {
    it('refuses a caller without a token where it needs one', async () => {
      for (const route of routes.filter(({ operation }) => needsToken(operation))) {
        const answer = await open().send(
          undefined,
          route.method,
          filled(route.path),
          route.operation.requestBody === undefined ? undefined : {},
        );
        expect(`${route.method} ${route.path} ${answer.status}`).toBe(`${route.method} ${route.path} 401`);
        await fits(route, answer);
      }
    });

    it('refuses a customer where staff or admins are meant', async () => {
      const customer = await open().register();
      const closed = routes.filter((route) => isForAdmins(route) || isForStaff(route));
      expect(closed.length).toBeGreaterThan(12);
      for (const route of closed) {
        const answer = await open().send(
          customer,
          route.method,
          filled(route.path),
          route.operation.requestBody === undefined ? undefined : {},
        );
        expect(`${route.method} ${route.path} ${answer.status}`).toBe(`${route.method} ${route.path} 403`);
        await fits(route, answer);
      }
    });

    it('answers hostile input with a 4xx that the document names, and never with a 5xx', async () => {
      const [customer, admin] = [await open().register(), await open().admin()];
      for (const route of routes) {
        for (const attack of attacksOn(route.operation)) {
          const caller = isForAdmins(route) || isForStaff(route) ? admin : customer;
          const answer = await open().send(
            caller,
            route.method,
            `${filled(route.path, attack.id ?? NOBODY)}${attack.query ?? ''}`,
            attack.body,
            attack.headers,
          );
          expect(answer.status, `${route.method} ${route.path} with ${attack.name}`).toBeLessThan(500);
          if (attack.mustFail) expect(answer.status, `${route.method} ${route.path} with ${attack.name}`).toBeGreaterThanOrEqual(400);
          await fits(route, answer);
        }
      }
    }, 120_000);

    it('answers a foreign user path with the same 403, whether that user exists', async () => {
      const [one, other] = [await open().register(), await open().register()];
      const bodies: string[] = [];
      for (const route of routes.filter(({ path, operation }) => path.includes('{userId}') && !isOpenToOthers(operation))) {
        for (const userId of [other.user.id, NOBODY]) {
          const answer = await open().send(
            one,
            route.method,
            filled(route.path, userId),
            route.operation.requestBody === undefined ? undefined : {},
          );
          expect(`${route.path} ${answer.status}`).toBe(`${route.path} 403`);
          const { requestId, ...rest } = (await answer.json()) as { requestId: string };
          expect(requestId).toBeTruthy();
          bodies.push(JSON.stringify(rest));
        }
      }
      expect(new Set(bodies).size).toBe(1);
    });
  });
}

interface Attack {
  readonly name: string;
  readonly id?: string;
  readonly query?: string;
  readonly body?: string | object;
  readonly headers?: Record<string, string>;
  readonly mustFail: boolean;
}

function attacksOn(operation: Operation): Attack[] {
  const attacks: Attack[] = [];
  if (operation.parameters.some((parameter) => parameter.in === 'path')) {
    // The code of a friend is what people type: one that nobody has is answered like any other, as long as it can be read and is no longer than a code.
    const isTyped = operation.operationId === 'referral_validate';
    for (const id of ["' OR 1=1 --", '%00', '..%2f..%2fetc', '🙂', 'x'.repeat(300), '%ff'])
      attacks.push({
        name: `the id ${id.slice(0, 20)}`,
        id: id.startsWith('%') || id.includes('%') ? id : encodeURIComponent(id),
        mustFail: !isTyped || id.startsWith('%') || id.length > 40,
      });
  }
  attacks.push({ name: 'an unknown query key', query: '?bogus=1', mustFail: !operation.operationId.includes('webhook') });
  attacks.push({ name: 'a broken query', query: '?limit=%ff', mustFail: true });
  for (const { name } of operation.parameters.filter((parameter) => parameter.in === 'query')) {
    for (const value of ['%00', '1e400', '-1', '[]', 'x'.repeat(2_000)])
      attacks.push({ name: `${name}=${value.slice(0, 10)}`, query: `?${name}=${value}`, mustFail: value === '%00' });
  }
  if (operation.requestBody !== undefined) {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    for (const [name, body] of Object.entries({
      'no JSON': '{"a":',
      'an array': '[]',
      'a text': '"x"',
      null: 'null',
      'a number': '1e400',
      'a deep body': deep,
      'nested arrays': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      'a prototype': '{"__proto__":{"admin":true}}',
      'a constructor': '{"constructor":{"prototype":{}}}',
      'a NUL': '{"name":"a\\u0000b"}',
      'an unknown field': '{"isAdmin":true}',
      'an operator': '{"email":{"$ne":""},"password":{"$ne":""}}',
    })) {
      attacks.push({ name, body, mustFail: true });
    }
  }
  return attacks;
}
