import { type Retention, sharedRetention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  outbox: {
    ...sharedRetention.outbox,
    but: {
      secrets: {
        ...{ keptFor: '1 minute', removedBy: 'src/told-secret.repository.ts' },
        why: 'address and sealed code of a message that has expired or is dead: nobody is sent it any more',
      },
    },
  },
  users: { keptUntil: 'the account is erased', why: 'the account' },
  addresses: { keptUntil: 'their owner removes them or the account is erased', why: 'the account' },
  sessions: { keptFor: '60 days', since: 'last_seen_at', why: 'twice as long as an idle one is good' },
  revocations: { keptFor: '1 minute', since: 'expires_at', why: 'no token lives longer that they would refuse' },
  email_tokens: { keptFor: '1 day', since: 'expires_at', why: 'limits look a day back' },
  reset_requests: {
    keptFor: '1 day',
    since: 'created_at',
    why: 'looked at after seconds; they name addresses of people who may be strangers',
  },
  one_time_codes: { keptFor: '2 days', since: 'expires_at', why: 'limits look a day back' },
  sms_spending: { keptFor: '400 days', since: 'day', why: 'one row a day; a year can be compared with the last' },
  devices: { keptFor: '400 days', since: 'last_seen_at', why: 'tells a number that lay idle from one in use' },
  authenticators: { keptUntil: 'their owner gives them up or the account is erased', why: 'the account' },
  recovery_codes: { keptUntil: 'the authenticator goes or new ones are made', why: 'the account' },
  passkeys: { keptUntil: 'their owner removes them or the account is erased', why: 'the account' },
  passkey_challenges: { keptFor: '1 minute', since: 'expires_at', why: 'good once, for some minutes' },
  factor_challenges: { keptFor: '1 hour', since: 'expires_at', why: 'there are five minutes to give the second factor' },
  erasures: { keptFor: '400 days', since: 'completed_at', why: 'proof that it was done' },
  consents: { keptForever: 'proof of what was agreed to, by id' },
  exports: {
    ...{ keptFor: '7 days', since: 'created_at', why: 'what could not be put together is asked for again' },
    but: { made: { keptFor: '60 minutes', since: 'done_at', why: 'the link is good for that long' } },
  },
  export_parts: { keptUntil: 'their export goes', why: 'pieces of it' },
  signing_keys: { keptFor: '31 days', since: 'seen_at', why: 'a refresh token that nobody used is good for 30' },
  audit_log: { keptFor: '400 days', removedBy: 'forget_old_audit()', why: 'a year of logs, and room to look into it' },
} as const satisfies Retention;
