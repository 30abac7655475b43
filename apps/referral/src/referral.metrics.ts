import { Counter, Gauge } from 'prom-client';
import { HOLD_REASONS } from '#libs/contracts/referral/views';
import { metrics } from '#libs/observability/metrics';

const registers = [metrics];

export const referralsJoined = new Counter({
  name: 'only2u_referrals_joined_total',
  help: 'Friends who joined by a code, and whether a person looks at it first',
  labelNames: ['held'],
  registers,
});
export const referralHolds = new Counter({
  name: 'only2u_referral_holds_total',
  help: 'Doubts about referrals, by reason',
  labelNames: ['reason'],
  registers,
});
export const referralsEnded = new Counter({
  name: 'only2u_referrals_ended_total',
  help: 'Referrals that came to an end, by the stage they ended in',
  labelNames: ['stage'],
  registers,
});
export const referralsWaiting = new Gauge({
  name: 'only2u_referrals_waiting',
  help: 'Referrals that wait for a decision of an admin',
  registers,
});
export const referralBudgetLeft = new Gauge({
  name: 'only2u_referral_budget_left_paise',
  help: 'What the programme may still spend on rewards',
  registers,
});

// A rate needs a first value.
for (const held of ['true', 'false']) referralsJoined.inc({ held }, 0);
for (const reason of HOLD_REASONS) referralHolds.inc({ reason }, 0);
for (const stage of ['rewarded', 'capped', 'cancelled']) referralsEnded.inc({ stage }, 0);
