import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Segment } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { Couriers } from '../delivery/couriers.ts';
import { PreferenceRepository } from '../reach/preference.repository.ts';
import { DEFAULTS } from '../reach/preferences.ts';
import { CampaignRepository, type CampaignRow } from './campaign.repository.ts';

const POLL_MS = { atWork: 1_000, atRest: 5_000 };
const SWEEP_MS = 60 * 60_000;
const BATCH = 500;
const DAY_MS = 86_400_000;

interface Batch {
  readonly userIds: readonly string[];
  /** The last one that was looked at, whether they are meant or not. */
  readonly after: string | null;
  readonly isLast: boolean;
}

/** Writes a campaign's messages, batch by batch; any replica goes on where another was cut off. */
@Injectable()
export class CampaignWorker {
  private readonly round: Round;
  private isAtWork = false;

  constructor(
    private readonly repository: CampaignRepository,
    private readonly preferences: PreferenceRepository,
    private readonly couriers: Couriers,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectPeer(orderApi) private readonly orders: Peer<typeof orderApi>,
    rounds: Rounds,
  ) {
    this.round = rounds.every('notification.campaigns', { everyMs: () => (this.isAtWork ? POLL_MS.atWork : POLL_MS.atRest) }, (stop) =>
      this.work(stop),
    );
    rounds.every('notification.retention', SWEEP_MS, () => repository.removeOld());
  }

  wake(): void {
    this.round.wake();
  }

  private async work(stop: AbortSignal): Promise<void> {
    this.isAtWork = await this.repository.hasWork();
    if (!this.isAtWork) return;
    await this.repository.skipCancelled();
    while (!stop.aborted) {
      const campaign = await this.repository.claim();
      if (campaign === undefined) break;
      await this.expand(campaign, stop);
    }
    await this.repository.finish();
  }

  private async expand(claimed: CampaignRow, stop: AbortSignal): Promise<void> {
    let campaign: CampaignRow | undefined = claimed;
    while (campaign !== undefined && !campaign.is_expanded && !stop.aborted) {
      campaign = await this.repository.expand(campaign, await this.nextOf(campaign));
      this.couriers.wake();
    }
  }

  private async nextOf({ user_ids, segment, after_user, created_at }: CampaignRow): Promise<Batch> {
    if (user_ids !== null) {
      const left = user_ids.filter((userId) => after_user === null || userId > after_user);
      const userIds = left.slice(0, BATCH);
      return { userIds, after: userIds.at(-1) ?? null, isLast: left.length <= BATCH };
    }
    const days = segment?.registeredWithinDays;
    const { userIds, next } = await this.auth.accounts({
      limit: BATCH,
      ...(after_user === null ? {} : { after: after_user }),
      ...(days === undefined ? {} : { registeredSince: new Date(created_at.getTime() - days * DAY_MS).toISOString() }),
    });
    return { userIds: await this.meantOf(userIds, segment ?? {}, created_at), after: next, isLast: next === null };
  }

  /** Those of a page of accounts for whom all holds that the segment asks. */
  private async meantOf(userIds: readonly string[], segment: Segment, asOf: Date): Promise<readonly string[]> {
    const { orderedWithinDays, notOrderedForDays, locale } = segment;
    let meant = userIds;
    if (meant.length > 0 && (orderedWithinDays !== undefined || notOrderedForDays !== undefined)) {
      const { items } = await this.orders.lastOrders({ userIds: [...meant] });
      const ages = new Map(items.map(({ userId, at }) => [userId, (asOf.getTime() - Date.parse(at)) / DAY_MS]));
      const ageOf = (userId: string): number => ages.get(userId) ?? Number.POSITIVE_INFINITY;
      if (orderedWithinDays !== undefined) meant = meant.filter((userId) => ageOf(userId) <= orderedWithinDays);
      if (notOrderedForDays !== undefined) meant = meant.filter((userId) => ageOf(userId) > notOrderedForDays);
    }
    if (meant.length > 0 && locale !== undefined) {
      const preferences = await this.preferences.of(meant);
      meant = meant.filter((userId) => (preferences.get(userId) ?? DEFAULTS).locale === locale);
    }
    return meant;
  }
}
