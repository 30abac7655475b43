import type { FeedbackPriority } from '#libs/contracts/feedback/views';
import { type FeedbackEnv, feedbackEnv } from './feedback.env.ts';

/** Seconds by priority. */
export type Terms = Readonly<Record<FeedbackPriority, number>>;

/** In what time the staff are to answer. What is not given has its default. */
export function termsOf({ FEEDBACK_SLA_SECONDS }: Pick<FeedbackEnv, 'FEEDBACK_SLA_SECONDS'>): Terms {
  const terms = `${feedbackEnv.variables.FEEDBACK_SLA_SECONDS.options.default},${FEEDBACK_SLA_SECONDS}`.split(',');
  const of = (priority: FeedbackPriority): number =>
    Number(terms.findLast((term) => term.startsWith(`${priority}=`))?.slice(priority.length + 1));
  return { low: of('low'), normal: of('normal'), high: of('high'), urgent: of('urgent') };
}
