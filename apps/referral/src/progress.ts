import { Injectable } from '@nestjs/common';
import type { OrderChanged } from '#libs/contracts/order/messages';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { OrderRepository } from './order.repository.ts';
import { type ReferralEnv, referralEnv, vestSeconds } from './referral.env.ts';
import { ReferralRepository } from './referral.repository.ts';
import { isOpen, type OrderRow, type ReferralRow, standingOf } from './referral.ts';
import { Rewards } from './rewards.ts';
import { Tasks } from './tasks.ts';

/** Moves referrals along with the orders of the friend. To be called with the referral locked. */
@Injectable()
export class Progress {
  private readonly vestMs: number;
  private readonly minOrder: number;

  constructor(
    private readonly referrals: ReferralRepository,
    private readonly orders: OrderRepository,
    private readonly tasks: Tasks,
    private readonly rewards: Rewards,
    @InjectEnvironment(referralEnv) env: ReferralEnv,
  ) {
    this.vestMs = vestSeconds(env) * 1_000;
    this.minOrder = env.REFERRAL_MIN_ORDER;
  }

  /** Follows the orders with what was heard of them. */
  async note(transaction: Transaction, id: string, changes: readonly OrderChanged[]): Promise<void> {
    for (const change of changes) await this.orders.note(transaction, id, change);
    await this.follow(transaction, id);
  }

  /** Brings a referral to where its orders and its hold let it be. */
  async follow(transaction: Transaction, id: string): Promise<void> {
    const referral = await this.referrals.lock(transaction, id);
    const orders = await this.orders.of(transaction, id);
    if (orders.some(({ was_confirmed }) => was_confirmed)) this.referrals.noteOrdered(transaction, id);
    if (isOpen(referral)) return this.move(transaction, referral, orders);
    const decided = orders.find((order) => order.id === referral.order_id);
    if (referral.stage === 'rewarded' && decided !== undefined && decided.kept < this.minOrder)
      await this.rewards.reverse(transaction, referral);
  }

  private async move(transaction: Transaction, referral: ReferralRow, orders: readonly OrderRow[]): Promise<void> {
    const { stage, order } = standingOf(orders, this.minOrder);
    if (stage === 'cancelled') return this.rewards.end(transaction, referral, 'cancelled');
    const vestsAt = stage === 'delivered' && order?.delivered_at ? new Date(order.delivered_at.getTime() + this.vestMs) : null;
    const orderId = order?.id ?? null;
    await this.referrals.stand(transaction, referral.id, { stage, orderId, vestsAt });
    if (order === undefined) return;
    if (order.id !== referral.checked_order_id) this.tasks.ask(transaction, 'check', referral.id);
    else if (vestsAt !== null && mayVest(referral, order)) this.tasks.ask(transaction, 'vest', referral.id, { at: vestsAt });
  }

  /** Gives the reward whose time has come. `orders` and `mayEarn`: how the orders and the referrer's account stand now. */
  async vest(transaction: Transaction, id: string, orders: readonly OrderChanged[], mayEarn: boolean): Promise<void> {
    await this.note(transaction, id, orders);
    const referral = await this.referrals.lock(transaction, id);
    const decided = (await this.orders.of(transaction, id)).find((order) => order.id === referral.order_id);
    if (referral.stage !== 'delivered' || decided === undefined || !referral.is_ripe) return;
    if (decided.id === referral.checked_order_id && mayVest(referral, decided)) await this.rewards.vest(transaction, referral, mayEarn);
  }
}

const mayVest = ({ is_held }: ReferralRow, { has_open_return }: OrderRow): boolean => !is_held && !has_open_return;
