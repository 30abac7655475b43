import { Injectable } from '@nestjs/common';
import { invalid } from '#libs/contracts/errors';
import { type AnalyseReferrals, MAX_ANALYSED_DAYS } from '#libs/contracts/referral/api';
import type { ReferralAnalytics, ReferralDay, ReferralFigures } from '#libs/contracts/referral/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Rounds } from '#libs/runtime/rounds';
import { AnalysisRepository, type Span } from './analysis.repository.ts';
import { People } from './people.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { referralBudgetLeft, referralsWaiting } from './referral.metrics.ts';

const DAY_MS = 86_400_000;
/** India is five and a half hours ahead of UTC, all year. */
const INDIA_MS = 5.5 * 3_600_000;
const DEFAULT_DAYS = 30;
const MEASURED_EVERY_MS = 30_000;

/** Admins: what the programme brings and costs. */
@Injectable()
export class AnalysisHandlers {
  constructor(
    private readonly analysis: AnalysisRepository,
    private readonly people: People,
    @InjectEnvironment(referralEnv) private readonly env: ReferralEnv,
    rounds: Rounds,
  ) {
    rounds.every('referral.measure', { everyMs: MEASURED_EVERY_MS, atOnce: true }, () => this.measure());
  }

  async analytics(asked: AnalyseReferrals): Promise<ReferralAnalytics> {
    const span = spanOf(asked);
    const { days, top, programme } = await this.analysis.of(span);
    const nameOf = await this.people.names(top.map(({ user_id }) => user_id));
    return {
      ...{ days, totals: totalsOf(days), holds: programme.holds, budget: { limit: this.env.REFERRAL_BUDGET, spent: programme.spent } },
      topReferrers: top.map(({ user_id: userId, joined, rewarded, earned }) => ({ userId, ...nameOf(userId), joined, rewarded, earned })),
    };
  }

  private async measure(): Promise<void> {
    const { spent, holds } = await this.analysis.programme();
    referralsWaiting.set(holds);
    referralBudgetLeft.set(this.env.REFERRAL_BUDGET - spent);
  }
}

/** @throws validation_failed for a span that ends before it begins, or is too long. */
function spanOf({ from, to = dayAt(Date.now() + INDIA_MS) }: AnalyseReferrals): Span {
  const first = from ?? dayAt(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  const days = (Date.parse(to) - Date.parse(first)) / DAY_MS + 1;
  if (days < 1) throw invalid([{ path: 'to', message: 'must not be before from' }]);
  if (days > MAX_ANALYSED_DAYS) throw invalid([{ path: 'from', message: `must be at most ${MAX_ANALYSED_DAYS} days before to` }]);
  return { from: first, to };
}

const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function totalsOf(days: readonly ReferralDay[]): ReferralFigures {
  const totals = { visits: 0, joined: 0, ordered: 0, rewarded: 0, capped: 0, cancelled: 0, earned: 0 };
  for (const day of days) for (const name of Object.keys(totals) as (keyof ReferralFigures)[]) totals[name] += day[name];
  return totals;
}
