import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from './account.ts';
import { type Faults, sufferAfter, sufferBefore } from './faults.ts';
import type { RefundKeys } from './refund-keys.ts';
import type { Tell } from './request-rules.ts';
import type { Violations } from './violations.ts';

/** What the endpoints work on. */
export interface ApiParts {
  readonly account: Account;
  readonly faults: Faults;
  readonly violations: Violations;
  readonly refundKeys: RefundKeys;
  readonly keyId: string;
  readonly keySecret: string;
}

export type ApiRequest = FastifyRequest<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>;

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** With the ids as `:id`; together with the method it is the endpoint's name for faults and violations. */
  readonly path: string;
  /** The work, in one synchronous piece: nothing comes between a check and the change that rests on it. */
  readonly run: (request: ApiRequest, tell: Tell) => unknown;
  /** Runs before the work and before any fault, and returns what to do when the request is over. */
  readonly begin?: (request: ApiRequest, tell: Tell) => () => void;
}

/** Serves an endpoint, with the faults that are set for it. Razorpay answers every success with 200. */
export function serve(app: FastifyInstance, { faults, violations }: ApiParts, { method, path, run, begin }: Endpoint): void {
  const name = `${method} ${path}`;
  const tell: Tell = (kind, detail) => violations.add(kind, name, detail);
  app.route<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>({
    method,
    url: path,
    handler: async (request, reply) => {
      const end = begin?.(request, tell);
      try {
        const fault = faults.take(name);
        if (fault === undefined) return run(request, tell);
        if (await sufferBefore(fault, request, reply)) return reply;
        return await withLostAnswer(fault, request, reply, () => run(request, tell));
      } finally {
        end?.();
      }
    },
  });
}

type Taken = NonNullable<ReturnType<Faults['take']>>;

async function withLostAnswer(fault: Taken, request: FastifyRequest, reply: FastifyReply, run: () => unknown): Promise<unknown> {
  let answer: unknown;
  try {
    answer = run();
  } catch (error) {
    // A refusal is lost like any answer.
    if (await sufferAfter(fault, request, reply)) return reply;
    throw error;
  }
  return (await sufferAfter(fault, request, reply)) ? reply : answer;
}
