import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import type { ByUser } from '#libs/contracts/page';
import type { OwnReferralPage } from '#libs/contracts/referral/api';
import type { FriendPage, ReferralStats, RewardPage } from '#libs/contracts/referral/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { People } from './people.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { ReferralRepository } from './referral.repository.ts';
import { referralOf, statusOf } from './referral.ts';
import { StandingRepository } from './standing.repository.ts';

const EXPORTED_AT_ONCE = 100;

/** Referrers: what came of their code. Of a friend they see the first name and how far they are, never what was bought. */
@Injectable()
export class StandingHandlers {
  constructor(
    private readonly referrals: ReferralRepository,
    private readonly standing: StandingRepository,
    private readonly people: People,
    @InjectEnvironment(referralEnv) private readonly env: ReferralEnv,
  ) {}

  async stats({ userId }: ByUser): Promise<ReferralStats> {
    const { used, ...figures } = await this.standing.figures(userId);
    const { joined, rewarded, capped, cancelled } = figures;
    const pending = joined - rewarded - capped - cancelled;
    return { ...figures, pending, currency: 'INR', cap: { limit: this.env.REFERRAL_CAP, used } };
  }

  async friends({ userId, limit, cursor }: OwnReferralPage): Promise<FriendPage> {
    const { items, nextCursor } = await this.standing.friends(userId, limit, cursor);
    const nameOf = await this.people.names(items.map(({ referee_id }) => referee_id));
    return {
      items: items.map((row) => ({
        ...{ referralId: row.id, ...nameOf(row.referee_id), status: statusOf(row), joinedAt: row.joined_at.toISOString() },
      })),
      nextCursor,
    };
  }

  rewards({ userId, limit, cursor }: OwnReferralPage): Promise<RewardPage> {
    return this.standing.rewards(userId, limit, cursor);
  }

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const { items, nextCursor } = await this.standing.rewards(userId, EXPORTED_AT_ONCE, cursor);
    const rest = cursor === undefined ? [await this.whatElse(userId)] : [];
    return { content: JSON.stringify([...rest, ...items]), next: nextCursor };
  }

  /** Friends are other people: how many there are is the user's, who they are is not. */
  private async whatElse(userId: string): Promise<object> {
    const [stats, own] = await Promise.all([this.stats({ userId }), this.referrals.ofReferee(userId)]);
    return { stats, referral: own === undefined ? null : { ...referralOf(own), joinedAt: own.joined_at.toISOString() } };
  }
}
