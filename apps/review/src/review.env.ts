import { decimal, environment, seconds, type Values } from '#libs/runtime/environment';

export const reviewEnv = environment({
  REVIEW_REQUEST_AFTER_SECONDS: seconds({
    max: 31_536_000,
    default: 604_800,
    about: 'Seconds after the first delivery of an order at which its buyer is asked for reviews.',
  }),
  RATE_LIMIT_SCALE: decimal({ min: 0.001, max: 1_000_000, default: 1, about: 'Multiplies every rate limit; for load tests.' }),
});
export type ReviewEnv = Values<typeof reviewEnv>;
