import { setTimeout as sleep } from 'node:timers/promises';
import { Relay } from '#libs/persistence/relay';
import { Couriers } from '../../apps/notification/src/delivery/couriers.ts';
import { Filing } from '../../apps/notification/src/delivery/filing.ts';
import { OutgoingRepository } from '../../apps/notification/src/delivery/outgoing.repository.ts';
import { CheckoutSaga } from '../../apps/order/src/checkout/checkout.saga.ts';
import { PaymentOrderReconciler } from '../../apps/payment/src/payment-order-reconciler.ts';
import { RazorpayClient } from '../../apps/payment/src/razorpay-client.ts';
import { RefundSender } from '../../apps/payment/src/refund-sender.ts';
import { WebhookHandlers } from '../../apps/payment/src/webhook.handlers.ts';
import { Tasks } from '../../apps/referral/src/tasks.ts';
import { CartMoves } from '../../apps/wishlist/src/cart-moves.ts';
import { CALM } from './network.ts';
import { SERVICES, type Simulated, type World } from './world.ts';

/** Refunds of cash wait for a person. */
const CASH = `payment_id LIKE 'cash\\_%'`;
/** Checkouts that still have something to do: an unpaid order waits until it expires, and longer while Razorpay is silent. */
const UNFINISHED = `(step NOT IN ('done', 'await_payment')
  OR (step = 'await_payment' AND order_id IN (SELECT id FROM orders WHERE expires_at <= now())))`;
const IDLE_MS = 2_000;
const WEBHOOK_PAUSE_SECONDS = 20;
/** Rounds after which a system that is left alone must have come to rest. */
const MAX_ROUNDS = 60;

/** How a world comes to rest: every service's background rounds, and how to tell that nothing waits for them. */
export class Settling {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /**
   * Fair weather, time that passes quickly, and every background round until nothing is left to do; unpaid orders expire at the end, or,
   * with `expiresFirst`, before the last word from Razorpay has come.
   */
  async settle(expiresFirst: boolean): Promise<void> {
    this.world.network.weather = CALM;
    this.world.providers.fails = 0;
    for (const process of this.world.network.processes.values()) process.endsIn = undefined;
    this.world.razorpay.controls.clearFaults();
    if (expiresFirst) await this.expireUnpaid();
    await this.rest();
    if ((await this.expireUnpaid()) > 0) await this.rest();
    // For days the reconciler would ask about what was never paid, and every round of every run to come with it.
    await this.world.rows('payment', "UPDATE payment_orders SET next_check_at = NULL WHERE state <> 'paid'");
  }

  /** How many were waiting for their payment. */
  private async expireUnpaid(): Promise<number> {
    await this.world.rows('order', `UPDATE orders SET expires_at = now() - interval '1 second' WHERE status = 'pending_payment'`);
    const due = await this.world.rows('order', `UPDATE checkouts SET due_at = now() WHERE step = 'await_payment' RETURNING order_id`);
    await patiently(this.world.app('order').get(CheckoutSaga).resumeDue());
    return due.length;
  }

  private async rest(): Promise<void> {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      await this.world.razorpay.controls.release('queued');
      // What Razorpay would repeat in a while, it repeats now.
      this.world.razorpay.controls.advance(WEBHOOK_PAUSE_SECONDS);
      await this.world.razorpay.controls.idle(IDLE_MS);
      this.world.razorpay.controls.hold();
      await this.hurry();
      if (round > 1 && (await this.leftToDo()) === '') return;
    }
    throw new Error(`still busy after ${MAX_ROUNDS} rounds: ${await this.leftToDo()}`);
  }

  private async hurry(): Promise<void> {
    for (const service of SERVICES) {
      await this.world.rows(service, 'UPDATE outbox SET leased_until = now() WHERE dead_at IS NULL');
      await patiently(this.world.app(service).get(Relay).claimDue());
    }
    await this.world.rows('order', `UPDATE checkouts SET due_at = now() WHERE ${UNFINISHED}`);
    await patiently(this.world.app('order').get(CheckoutSaga).resumeDue());
    await this.world.rows('payment', 'UPDATE webhook_events SET next_try_at = now() WHERE processed_at IS NULL');
    await patiently(this.world.app('payment').get(WebhookHandlers).sweep());
    await this.world.app('payment').get(RazorpayClient).probe();
    await this.world.rows('payment', `UPDATE refunds SET next_try_at = now() WHERE state = 'pending' AND NOT ${CASH}`);
    await patiently(this.world.app('payment').get(RefundSender).sendDue());
    await this.world.rows('payment', "UPDATE payment_orders SET next_check_at = now() WHERE next_check_at IS NOT NULL AND state <> 'paid'");
    await patiently(this.world.app('payment').get(PaymentOrderReconciler).checkOrders());
    await this.world.rows('wishlist', 'UPDATE cart_moves SET due_at = now()');
    await patiently(this.world.app('wishlist').get(CartMoves).resume());
    await this.world.rows('referral', 'UPDATE tasks SET due_at = now()');
    await patiently(this.world.app('referral').get(Tasks).runDue());
    await this.hurryMessages();
    await sleep(10);
  }

  /** What the dead had on lease is due, and what waits for its time. */
  private async hurryMessages(): Promise<void> {
    await this.world.rows('notification', 'UPDATE outgoing SET due_at = now()');
    const notification = this.world.app('notification');
    await patiently(notification.get(OutgoingRepository).giveUpCutOff());
    notification.get(Couriers).wake();
    await patiently(notification.get(Filing).fileDone());
  }

  /** Each thing that is not done, with what it waits for. */
  private async leftToDo(): Promise<string> {
    const left: string[] = [];
    const list = async (service: Simulated, text: string): Promise<void> => {
      left.push(...(await this.world.rows<{ what: string }>(service, text)).map(({ what }) => `${service}: ${what}`));
    };
    for (const service of SERVICES)
      await list(
        service,
        `SELECT concat('event ', event, ' for ', subscriber, ', ', attempts, ' + ', silent_tries, ' tries, ', error) AS what
         FROM outbox WHERE dead_at IS NULL`,
      );
    await list(
      'order',
      `SELECT concat('checkout ', order_id, ' at ', step, ', due ', due_at) AS what FROM checkouts
       WHERE ${UNFINISHED}`,
    );
    await list('payment', `SELECT concat('webhook ', event, ', ', tries, ' tries') AS what FROM webhook_events WHERE processed_at IS NULL`);
    await list(
      'payment',
      `SELECT concat('refund ', id, ', ', tries, ' tries, due ', next_try_at, ', ', error) AS what
       FROM refunds WHERE state = 'pending' AND NOT ${CASH}`,
    );
    await list('wishlist', `SELECT concat('wish ', entry_id, ' on its way to the cart, ', tries, ' tries') AS what FROM cart_moves`);
    await list('referral', `SELECT concat(kind, ' of ', subject_id, ', ', tries, ' tries') AS what FROM tasks`);
    await list('notification', `SELECT concat(template, ' by ', channel, ' ', state, ', ', tries, ' tries') AS what FROM outgoing`);
    if (left.length > 0 && this.world.app('payment').get(RazorpayClient).isOpen) left.push('payment: Razorpay is left alone');
    return left.join('; ');
  }
}

/** A round that found no connection on a busy machine is made up for by the next, as in production. */
const patiently = (round: Promise<unknown>): Promise<unknown> => round.catch(() => undefined);
