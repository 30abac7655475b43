import { decimal, environment, flag, isProduction, list, type Source, text, type Values, whole } from '#libs/runtime/environment';
import { areProxies } from './client-address.ts';

/** In production a limit may be this many times its default. */
const MOST = 20;

const limits = {
  RATE_LIMIT_READS: 6_000,
  RATE_LIMIT_CALLS: 1_200,
  RATE_LIMIT_CODES: 30,
  RATE_LIMIT_SIGN_IN: 120,
  RATE_LIMIT_UPLOADS: 60,
} as const;
const limit = (name: keyof typeof limits, about: string) => whole({ min: 1, max: 10_000_000, default: limits[name], about });
const DEV_INBOX = flag({
  default: true,
  production: false,
  about: 'Whether /dev/inbox shows the mails and messages that the sandbox keeps back.',
});

export const gatewayEnv = environment(
  {
    CORS_ORIGINS: list({
      default: ['http://localhost', 'http://127.0.0.1'],
      production: [],
      about: 'Origins whose pages may call the API; one without a port stands for all its ports.',
    }),
    TRUST_PROXY: list({
      default: [],
      about: 'Addresses and CIDR ranges of the proxies in front of the gateway, whose X-Forwarded-For counts. Empty: nobody’s.',
    }),
    RATE_LIMIT_SCALE: decimal({ min: 0.001, max: 1_000_000, default: 1, about: 'Multiplies every rate limit; for load tests.' }),
    RATE_LIMIT_READS: limit('RATE_LIMIT_READS', 'Public reads a minute from one address.'),
    RATE_LIMIT_CALLS: limit('RATE_LIMIT_CALLS', 'Other requests a minute of one account, and of one address without an account.'),
    RATE_LIMIT_CODES: limit(
      'RATE_LIMIT_CODES',
      'Codes of coupons and friends a minute that one caller, or one address without an account, may try.',
    ),
    RATE_LIMIT_UPLOADS: limit('RATE_LIMIT_UPLOADS', 'Files a minute that one account may send or announce.'),
    RATE_LIMIT_SIGN_IN: limit('RATE_LIMIT_SIGN_IN', 'Registrations, sign-ins and refreshes a minute from one address.'),
    GATEWAY_IN_FLIGHT: whole({
      min: 1,
      max: 100_000,
      default: 500,
      about: 'Requests in flight to one service and lane; the next one gets 503 at once.',
    }),
    SOCKETS_PER_USER: whole({ min: 1, max: 10_000, default: 10, about: 'Sockets of one user at one gateway; the next one is refused.' }),
    SOCKETS_PER_ADDRESS: whole({
      min: 1,
      max: 100_000,
      default: 500,
      about: 'Socket connections from one address at one gateway. Mobile networks have many users behind one address.',
    }),
    REQUEST_LOG_SAMPLE: decimal({
      min: 0,
      max: 1,
      default: 0.05,
      about: 'The share of quick reads without an error that is logged; every other request is logged whole.',
    }),
    SERVE_DOCS: flag({ default: true, production: false, about: 'Whether /api/docs shows the page to read and try the API.' }),
    SERVE_DEMO: flag({ default: true, production: false, about: 'Whether the pages of the demo shop are served at /demo.' }),
    DEV_INBOX,
    DEMO_LOGINS: text({
      optional: true,
      about: 'Accounts of the demo shop as JSON, for the front page and the docs page; ignored in production.',
      local: 'set by the local stack',
    }),
    SECURITY_CONTACT: text({
      optional: true,
      pattern: /^(mailto:\S+@\S+|https:\/\/\S+)$/,
      expects: 'a mailto: or https: address',
      about: 'Where security.txt says that weaknesses are reported. Without it: security@ the host of PUBLIC_URL.',
    }),
  },
  proxies,
  production,
);

/** Trusting everybody would let each caller choose the address that counts for them. */
function proxies({ TRUST_PROXY }: Source): readonly string[] {
  const entries = (TRUST_PROXY ?? '').split(',').map((entry) => entry.trim());
  return areProxies(entries.filter((entry) => entry !== ''))
    ? []
    : ['TRUST_PROXY must be a list of addresses and CIDR ranges of your own proxies, and not of everybody'];
}

/** What would open production's doors. */
function production(source: Source): readonly string[] {
  if (!isProduction(source)) return [];
  const scale = Number(source.RATE_LIMIT_SCALE || 1);
  const off = Object.entries(limits).filter(([name, standard]) => Number(source[name] || standard) * scale > MOST * standard);
  return [
    ...(DEV_INBOX.parse(source.DEV_INBOX ?? '') === true
      ? ['DEV_INBOX shows what customers are sent and may not be set in production']
      : []),
    ...off.map(
      ([name]) => `${name} times RATE_LIMIT_SCALE is more than ${MOST} times the default, which is no limit; production refuses it`,
    ),
  ];
}
export type GatewayEnv = Values<typeof gatewayEnv>;

export interface DemoLogin {
  readonly role: string;
  readonly login: string;
  readonly password: string;
}

/** Of a shop for developers; none in production, whatever is set. */
export function demoLoginsOf({ NODE_ENV, DEMO_LOGINS }: Source): readonly DemoLogin[] {
  return NODE_ENV === 'production' || !DEMO_LOGINS ? [] : (JSON.parse(DEMO_LOGINS) as DemoLogin[]);
}
