/**
 * The bodies that the control port takes. An unknown field is a typing error of a test's and is refused. Not by Fastify's JSON schemas:
 * loading their compiler would be a third of the time in which the simulator starts.
 */
import type { FastifyRequest } from 'fastify';
import { PAYMENT_METHODS } from './entities.ts';
import { faultKinds } from './faults.ts';
import { PAYMENT_MODES } from './payments.ts';
import { RazorpayError } from './razorpay-error.ts';

interface Kind {
  /** Ends the sentence "amount must be …". */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
}

const text: Kind = { must: 'a text of 1 to 2000 characters', fits: (value) => typeof value === 'string' && /^.{1,2000}$/su.test(value) };
const fourDigits: Kind = { must: 'four digits', fits: (value) => typeof value === 'string' && /^\d{4}$/.test(value) };
const flag: Kind = { must: 'true or false', fits: (value) => typeof value === 'boolean' };
const currency: Kind = { must: 'three capital letters', fits: (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value) };
const fields: Kind = { must: 'an object', fits: isObject };

function whole(least: number, most = Number.MAX_SAFE_INTEGER): Kind {
  const must = most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number, ${least} to ${most}`;
  return { must, fits: (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most };
}

function choice(...values: readonly unknown[]): Kind {
  return { must: `one of ${values.join(', ')}`, fits: (value) => values.includes(value) };
}

function orNull({ must, fits }: Kind): Kind {
  return { must: `${must}, or null`, fits: (value) => value === null || fits(value) };
}

const releaseOrder: Kind = {
  must: 'queued, reversed, shuffled or a list of event ids',
  fits: (value) => (Array.isArray(value) ? value.every(text.fits) : choice('queued', 'reversed', 'shuffled').fits(value)),
};

/** A hook that refuses any other body; fields are optional unless they are `needed`. */
function body(kinds: Readonly<Record<string, Kind>>, ...needed: readonly string[]): (request: FastifyRequest) => Promise<void> {
  return async ({ body: given }) => {
    if (!isObject(given)) throw refused('The body must be a JSON object');
    for (const [name, value] of Object.entries(given)) {
      const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
      if (kind === undefined) throw refused(`There is no field ${name}; there are ${Object.keys(kinds).join(', ')}`);
      if (!kind.fits(value)) throw refused(`${name} must be ${kind.must}`);
    }
    const missing = needed.find((name) => !Object.hasOwn(given, name));
    if (missing !== undefined) throw refused(`${missing} is needed`);
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(description: string): RazorpayError {
  return new RazorpayError(400, { description });
}

const longestAdvanceSeconds = 400 * 24 * 60 * 60;

export const bodies = {
  pay: body(
    {
      orderId: text,
      mode: choice(...PAYMENT_MODES),
      method: choice(...PAYMENT_METHODS),
      vpa: text,
      last4: fourDigits,
      amount: whole(1),
      currency,
      lateAfterMs: orNull(whole(0)),
      settlesOrder: flag,
    },
    'orderId',
  ),
  sign: body({ orderId: text, paymentId: text }, 'orderId', 'paymentId'),
  dispute: body(
    { paymentId: text, amount: whole(1), phase: choice('fraud', 'retrieval', 'chargeback', 'pre_arbitration', 'arbitration') },
    'paymentId',
  ),
  deliver: body({
    times: whole(1, 1000),
    parallel: flag,
    delayMs: whole(0),
    secret: choice('current', 'previous', 'wrong'),
    mutate: flag,
  }),
  publish: body({ event: text, payload: fields }, 'event'),
  release: body({ order: releaseOrder, seed: whole(0) }),
  idle: body({ timeoutMs: whole(0, 600_000) }),
  webhook: body({ url: orNull(text), secret: orNull(text), previousSecret: orNull(text), enabled: flag }),
  fault: body({ endpoint: text, kind: choice(...faultKinds), times: orNull(whole(1)), delayMs: whole(0) }, 'endpoint', 'kind'),
  settings: body({
    refundMode: choice('instant', 'pending'),
    lateAfterMs: orNull(whole(0)),
    authorisedForSeconds: whole(1),
    refundKeyConflictStatus: choice(400, 409),
    webhookDelayMs: whole(0),
  }),
  advance: body({ seconds: whole(0, longestAdvanceSeconds) }, 'seconds'),
};
