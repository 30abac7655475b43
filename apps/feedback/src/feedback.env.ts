import { decimal, environment, text, type Values } from '#libs/runtime/environment';

const DEFAULTS = 'urgent=14400,high=86400,normal=259200,low=604800';
const TERM = '(?:urgent|high|normal|low)=[1-9]\\d{0,8}';

export const feedbackEnv = environment({
  FEEDBACK_SLA_SECONDS: text({
    default: DEFAULTS,
    pattern: new RegExp(`^${TERM}(?:,${TERM})*$`),
    expects: `seconds by priority, such as ${DEFAULTS}`,
    about: 'Seconds in which the staff are to answer feedback, by its priority. One that is not named keeps its default.',
  }),
  RATE_LIMIT_SCALE: decimal({ min: 0.001, max: 1_000_000, default: 1, about: 'Multiplies every rate limit; for load tests.' }),
});
export type FeedbackEnv = Values<typeof feedbackEnv>;
