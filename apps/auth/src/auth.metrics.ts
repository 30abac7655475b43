import { Counter } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

/** Why nobody was signed in. An account that does not exist is told to the log and never to the caller. */
export const SIGN_IN_FAILURES = [
  'wrong_password',
  'wrong_code',
  'wrong_passkey',
  'unknown_account',
  'account_disabled',
  'rate_limited',
  'unavailable',
] as const;
export type SignInFailure = (typeof SIGN_IN_FAILURES)[number];

export const signIns = new Counter({
  name: 'only2u_sign_ins_total',
  help: 'Attempts to sign in, by outcome: ok, or why not',
  labelNames: ['outcome'],
  registers: [metrics],
});

export const registrations = new Counter({
  name: 'only2u_registrations_total',
  help: 'Accounts that were created',
  registers: [metrics],
});

export const refreshes = new Counter({
  name: 'only2u_session_refreshes_total',
  help: 'Refresh tokens that came: ok, refused, or replayed, which ends the session',
  labelNames: ['outcome'],
  registers: [metrics],
});

for (const outcome of ['ok', ...SIGN_IN_FAILURES]) signIns.inc({ outcome }, 0);
for (const outcome of ['ok', 'refused', 'replayed']) refreshes.inc({ outcome }, 0);
