import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { PostalAddress } from '#libs/contracts/auth/views';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import type { HoldReason } from '#libs/contracts/referral/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { Doubts } from './doubts.ts';
import { Progress } from './progress.ts';
import { ReferralRepository } from './referral.repository.ts';
import { isOpen } from './referral.ts';
import type { Task } from './task.repository.ts';
import { Tasks } from './tasks.ts';

/** What is asked about a friend's orders. */
@Injectable()
export class OrderTasks {
  constructor(
    private readonly database: Database,
    private readonly referrals: ReferralRepository,
    private readonly progress: Progress,
    private readonly doubts: Doubts,
    private readonly tasks: Tasks,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectPeer(paymentApi) private readonly payment: Peer<typeof paymentApi>,
  ) {
    tasks.does('facts', (task) => this.catchUp(task));
    tasks.does('check', (task) => this.compare(task));
    tasks.does('vest', (task) => this.vest(task));
  }

  /** Orders of which news came before there was a referral. */
  private async catchUp(task: Task): Promise<void> {
    const { items } = await this.factsOf(task.subject_id);
    await this.database.transaction(async (transaction) => {
      await this.referrals.lock(transaction, task.subject_id);
      await this.progress.note(transaction, task.subject_id, items);
      this.tasks.done(transaction, task);
    });
  }

  /** Does the order that counts go to the referrer's address, or was it paid as the referrer pays? */
  private async compare(task: Task): Promise<void> {
    const referral = await this.referrals.find(task.subject_id);
    const orderId = referral !== undefined && isOpen(referral) ? referral.order_id : null;
    const reasons = referral === undefined || orderId === null ? [] : await this.doubtsAbout(orderId, referral.referrer_id);
    await this.database.transaction(async (transaction) => {
      const now = await this.referrals.lock(transaction, task.subject_id);
      if (orderId !== null) {
        await this.referrals.noteChecked(transaction, now.id, orderId);
        await this.doubts.raise(transaction, now, reasons);
        // Another order may count by now, which is then compared too.
        await this.progress.follow(transaction, now.id);
      }
      this.tasks.done(transaction, task);
    });
  }

  /** By the orders and the account as they are now: news of them may be on its way. */
  private async vest(task: Task): Promise<void> {
    const referral = await this.referrals.find(task.subject_id);
    const [{ items }, people] = await Promise.all([
      this.factsOf(task.subject_id),
      this.auth.people({ userIds: referral === undefined ? [] : [referral.referrer_id] }),
    ]);
    const mayEarn = people.items.some(({ disabled }) => !disabled);
    await this.database.transaction(async (transaction) => {
      await this.referrals.lock(transaction, task.subject_id);
      await this.progress.vest(transaction, task.subject_id, items, mayEarn);
      this.tasks.done(transaction, task);
    });
  }

  private async factsOf(referralId: string): ReturnType<typeof this.order.factsOf> {
    const referral = await this.referrals.find(referralId);
    return referral === undefined ? { items: [] } : this.order.factsOf({ userId: referral.referee_id });
  }

  private async doubtsAbout(orderId: string, referrerId: string): Promise<HoldReason[]> {
    const [address, instrument] = await Promise.all([
      this.addressOf(orderId),
      this.payment.sameInstrument({ orderId, userId: referrerId }),
    ]);
    const isSameAddress = address !== undefined && (await this.isPlaceOf(referrerId, address));
    return [...(isSameAddress ? (['same_address'] as const) : []), ...(instrument.same ? (['same_instrument'] as const) : [])];
  }

  private async isPlaceOf(userId: string, { line1, pincode }: PostalAddress): Promise<boolean> {
    const asked = { userId, line1, pincode };
    const answers = await Promise.all([this.auth.sameAddress(asked), this.order.sameAddress(asked)]);
    return answers.some(({ same }) => same);
  }

  private async addressOf(orderId: string): Promise<PostalAddress | undefined> {
    try {
      return (await this.order.view({ orderId, userId: null })).shippingAddress;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}
