import { Counter, Gauge } from 'prom-client';
import { REPORT_REASONS } from '#libs/contracts/review/views';
import { metrics } from '#libs/observability/metrics';

export const reviewsWritten = new Counter({
  name: 'only2u_reviews_written_total',
  help: 'Reviews that were posted or edited, by what became of them: approved, or pending where they are held',
  labelNames: ['status'],
  registers: [metrics],
});
export const moderations = new Counter({
  name: 'only2u_review_moderations_total',
  help: 'Decisions of staff about reviews',
  labelNames: ['status'],
  registers: [metrics],
});
export const reviewVotes = new Counter({
  name: 'only2u_review_votes_total',
  help: 'Votes that were given or taken back',
  registers: [metrics],
});
export const reviewReports = new Counter({
  name: 'only2u_review_reports_total',
  help: 'Reports of reviews, by reason',
  labelNames: ['reason'],
  registers: [metrics],
});
export const reviewsWaiting = new Gauge({
  name: 'only2u_reviews_waiting',
  help: 'Reviews that staff have to look at: held ones, and reported ones',
  labelNames: ['why'],
  registers: [metrics],
});

for (const status of ['approved', 'pending']) reviewsWritten.inc({ status }, 0);
for (const status of ['approved', 'hidden']) moderations.inc({ status }, 0);
for (const reason of REPORT_REASONS) reviewReports.inc({ reason }, 0);
for (const why of ['held', 'reported']) reviewsWaiting.set({ why }, 0);
