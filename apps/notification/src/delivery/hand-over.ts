import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { PromotionCapRepository } from '../reach/promotion-cap.repository.ts';
import { OutgoingRepository } from './outgoing.repository.ts';
import type { Message } from './outgoing.ts';

/** Begins to hand messages over. A promotion takes a place of its reader's day with it, in one transaction: none is taken by what stays. */
@Injectable()
export class HandOver {
  constructor(
    private readonly database: Database,
    private readonly outgoing: OutgoingRepository,
    private readonly caps: PromotionCapRepository,
    @InjectEnvironment(notificationEnv) private readonly env: NotificationEnv,
  ) {}

  /** Those that leave now. */
  async begin(judged: readonly Message[]): Promise<readonly Message[]> {
    const begin = async (transaction?: Transaction): Promise<readonly Message[]> => {
      const begun = await this.outgoing.beginHandOver(judged, transaction);
      return judged.filter(({ id }) => begun.has(id));
    };
    if (!judged.some(takesPlace)) return begin();
    return this.database.transaction(async (transaction) => {
      const begun = await begin(transaction);
      const over = await this.overCap(transaction, begun.filter(takesPlace));
      await this.outgoing.record(
        [...over].map(({ id }) => ({ id, state: 'skipped', reason: 'cap' }) as const),
        transaction,
      );
      return begun.filter((message) => !over.has(message));
    });
  }

  private async overCap(transaction: Transaction, promotions: readonly Message[]): Promise<ReadonlySet<Message>> {
    const over = new Set<Message>();
    // A user comes once in a question, and so twice in two.
    for (let left = promotions; left.length > 0; ) {
      const first = [...new Map([...left].reverse().map((message) => [message.userId ?? '', message])).values()];
      const userIds = first.map(({ userId }) => userId ?? '');
      const allowed = await this.caps.take(transaction, userIds, this.env.MARKETING_CAP_PER_DAY);
      for (const message of first) if (!allowed.has(message.userId ?? '')) over.add(message);
      left = left.filter((message) => !first.includes(message));
    }
    return over;
  }
}

/** A further try has the place of the first. */
const takesPlace = ({ category, channel, tries }: Message): boolean => category === 'promotions' && channel !== 'in_app' && tries === 0;
