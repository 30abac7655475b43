import { decimal, environment, flag, list, type Values, whole } from '#libs/runtime/environment';

export const gatewayEnv = environment(
  {
    CORS_ORIGINS: list({
      default: ['http://localhost', 'http://127.0.0.1'],
      production: [],
      about: 'Origins whose pages may call the API; one without a port stands for all its ports.',
    }),
    TRUST_PROXY: list({ default: [], about: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For counts. Empty: nobody’s.' }),
    RATE_LIMIT_SCALE: decimal({ min: 0.001, max: 1_000_000, default: 1, about: 'Multiplies every rate limit; for load tests.' }),
    RATE_LIMIT_READS: whole({ min: 1, max: 10_000_000, default: 6_000, about: 'Public reads a minute from one address.' }),
    RATE_LIMIT_CALLS: whole({
      min: 1,
      max: 10_000_000,
      default: 1_200,
      about: 'Other requests a minute of one account, and of one address without an account.',
    }),
    RATE_LIMIT_CODES: whole({ min: 1, max: 10_000_000, default: 30, about: 'Coupon codes a minute that one caller may try.' }),
    RATE_LIMIT_SIGN_IN: whole({
      min: 1,
      max: 10_000_000,
      default: 120,
      about: 'Registrations, sign-ins and refreshes a minute from one address.',
    }),
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
    DEV_INBOX: flag({
      default: true,
      production: false,
      about: 'Whether /dev/inbox shows the mails and messages that the sandbox keeps back.',
    }),
  },
  (source) =>
    source.NODE_ENV === 'production' && ['1', 'true'].includes(source.DEV_INBOX ?? '')
      ? ['DEV_INBOX shows what customers are sent and may not be set in production']
      : [],
);
export type GatewayEnv = Values<typeof gatewayEnv>;
