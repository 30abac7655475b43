import { Counter } from 'prom-client';
import { FEEDBACK_CATEGORIES, FEEDBACK_PRIORITIES, FEEDBACK_STATUSES } from '#libs/contracts/feedback/views';
import { metrics } from '#libs/observability/metrics';

const registers = [metrics];

export const feedbackSent = new Counter({
  name: 'only2u_feedback_sent_total',
  help: 'Feedback that customers sent, by category, and whether a person looks at it first',
  labelNames: ['category', 'held'],
  registers,
});
export const feedbackMoves = new Counter({
  name: 'only2u_feedback_moves_total',
  help: 'Feedback that came to another status',
  labelNames: ['status'],
  registers,
});
export const feedbackEscalated = new Counter({
  name: 'only2u_feedback_escalated_total',
  help: 'Feedback that nobody of the staff answered in time, by the priority that it rose to',
  labelNames: ['priority'],
  registers,
});

// A rate needs a first value.
for (const category of FEEDBACK_CATEGORIES) for (const held of ['true', 'false']) feedbackSent.inc({ category, held }, 0);
for (const status of FEEDBACK_STATUSES) feedbackMoves.inc({ status }, 0);
for (const priority of FEEDBACK_PRIORITIES) feedbackEscalated.inc({ priority }, 0);
