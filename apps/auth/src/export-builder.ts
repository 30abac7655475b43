import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import { couponApi } from '#libs/contracts/coupon/api';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { referralApi } from '#libs/contracts/referral/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { ExportRepository, type ExportRow } from './export.repository.ts';
import { OwnExport } from './own-export.ts';

type Answer = (asked: ExportAsked) => Promise<ExportPart>;

const EVERY_MS = 2_000;
const MAX_PAGES = 10_000;

/** Collects what every service has of a user, service by service; what is there already is not asked for again. */
@Injectable()
export class ExportBuilder {
  private readonly round: Round;
  private readonly sources: ReadonlyMap<string, Answer>;

  constructor(
    private readonly exports: ExportRepository,
    own: OwnExport,
    @InjectPeer(orderApi) order: Peer<typeof orderApi>,
    @InjectPeer(cartApi) cart: Peer<typeof cartApi>,
    @InjectPeer(paymentApi) payment: Peer<typeof paymentApi>,
    @InjectPeer(couponApi) coupon: Peer<typeof couponApi>,
    @InjectPeer(notificationApi) notification: Peer<typeof notificationApi>,
    @InjectPeer(reviewApi) review: Peer<typeof reviewApi>,
    @InjectPeer(feedbackApi) feedback: Peer<typeof feedbackApi>,
    @InjectPeer(wishlistApi) wishlist: Peer<typeof wishlistApi>,
    @InjectPeer(referralApi) referral: Peer<typeof referralApi>,
    @InjectPeer(storageApi) storage: Peer<typeof storageApi>,
    @InjectPeer(chatApi) chat: Peer<typeof chatApi>,
    @InjectPeer(productApi) product: Peer<typeof productApi>,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    this.sources = new Map<string, Answer>([
      ['auth', (asked) => own.exportOf(asked)],
      ...Object.entries({ order, cart, payment, coupon, notification, review, feedback, wishlist, referral, storage, chat, product }).map(
        ([name, peer]): [string, Answer] => [name, (asked) => peer.exportOf(asked)],
      ),
    ]);
    this.round = rounds.every('auth.exports', { everyMs: EVERY_MS, atOnce: true }, () => this.buildDue());
  }

  get sourceCount(): number {
    return this.sources.size;
  }

  wake(): void {
    this.round.wake();
  }

  async buildDue(): Promise<void> {
    for (const row of await this.exports.claimDue()) await this.build(row);
  }

  private async build({ id, user_id }: ExportRow): Promise<void> {
    const known = await this.exports.partsOf(id);
    const missing = [...this.sources].filter(([service]) => !known.includes(service));
    const outcomes = await Promise.allSettled(
      missing.map(async ([service, source]) => this.exports.keep(id, service, await collected(source, user_id))),
    );
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (failed.length === 0) return this.exports.finish(id);
    this.logger.warn({ exportId: id, err: failed[0]?.reason, missing: failed.length }, 'auth.export_waits');
    await this.exports.tryLater(id);
  }
}

/** All pages as one JSON list. */
async function collected(source: Answer, userId: string): Promise<string> {
  const items: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { content, next } = await source({ userId, ...(cursor === undefined ? {} : { cursor }) });
    const inner = content.trim().slice(1, -1).trim();
    if (inner !== '') items.push(inner);
    if (next === null) return `[${items.join(',')}]`;
    cursor = next;
  }
  throw new Error('an export has no end');
}
