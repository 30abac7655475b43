import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { AccountChanged, AccountErased, MessageDue, SecurityNoticed, SessionEnded } from '#libs/contracts/auth/messages';
import type { CartAbandoned } from '#libs/contracts/cart/messages';
import type { CouponIssued } from '#libs/contracts/coupon/messages';
import { Refusal } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { OrderChanged } from '#libs/contracts/order/messages';
import type { PaymentFailed, PersonNeeded } from '#libs/contracts/payment/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';
import type { InTransaction, TransactionalDelivery } from '#libs/runtime/handlers';
import { Announcer } from './announcer.ts';
import { Links } from './links.ts';
import { causeOfChange } from './order-causes.ts';
import { DeviceRepository } from './reach/device.repository.ts';
import { Eraser } from './reach/eraser.ts';
import { ErasureRepository } from './reach/erasure.repository.ts';
import { rupees } from './texts/rupees.ts';

/** From what happened elsewhere to what is told: a service that comes later adds its event here and a line to `causes.ts`. */
@Injectable()
export class NotificationReactions {
  constructor(
    private readonly announcer: Announcer,
    private readonly links: Links,
    private readonly devices: DeviceRepository,
    private readonly erasure: ErasureRepository,
    private readonly eraser: Eraser,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
  ) {}

  async onAuthMessageDue(due: MessageDue, { transaction }: TransactionalDelivery): Promise<void> {
    const { messageId, template, userId, to, sealed, expiresAt } = due;
    this.announcer.announce(transaction, { id: messageId, template, userId, secret: { address: to, sealed, expiresAt } });
  }

  async onAuthSecurityNoticed({ userId, template, at }: SecurityNoticed, { transaction }: TransactionalDelivery): Promise<void> {
    this.announcer.announce(transaction, { template, userId, variables: { at } });
  }

  /** A phone that was signed out gets no more of its last user's pushes. */
  onAuthSessionEnded({ userId, sessionIds }: SessionEnded, { transaction }: TransactionalDelivery): Promise<void> {
    return this.devices.endSessions(transaction, userId, sessionIds);
  }

  /** Nothing leaves to a disabled user, which is asked as each message leaves; their tokens go here too. Auth says how it stands now, for events come in any order. */
  async onAuthAccountChanged({ userId, disabled }: AccountChanged, { transaction }: TransactionalDelivery): Promise<void> {
    if (!disabled) return;
    const [contact] = (await this.auth.contacts({ userIds: [userId] })).items;
    if (contact?.disabled === true) await this.devices.removeAll(transaction, userId);
  }

  /** Tokens, preferences and list go, and addresses of what was told; what waits is told to nobody. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    this.erasure.note(transaction, userId);
    transaction.afterCommit(() => this.eraser.wake());
  }

  async onCartAbandoned({ userId, version, lines }: CartAbandoned, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.cart();
    const items = String(lines.reduce((sum, { quantity }) => sum + quantity, 0));
    this.announcer.announce(transaction, { template: 'cart_abandoned', userId, variables: { version, items, link }, data: { link } });
  }

  async onCouponIssued({ userIds, code, endsAt }: CouponIssued, { transaction }: TransactionalDelivery): Promise<void> {
    const link = this.links.shop();
    for (const userId of userIds)
      this.announcer.announce(transaction, { template: 'coupon_issued', userId, variables: { code, until: endsAt, link }, data: { link } });
  }

  /** Told later, and only while the order is unpaid then. */
  async onPaymentFailed({ orderId, userId }: PaymentFailed, { transaction }: TransactionalDelivery): Promise<void> {
    const order = await this.order.view({ orderId, userId }).catch(notFoundAsUndefined);
    if (order === undefined) return;
    const link = this.links.order(orderId);
    this.announcer.announce(transaction, {
      template: 'payment_failed',
      userId,
      variables: { number: order.number, total: rupees(order.total), link },
      data: { orderId, link },
    });
  }

  /** Told to everybody who works here: who looks first sees to it. */
  async onPaymentNeedsPerson({ kind, orderId, amount }: PersonNeeded, { transaction }: TransactionalDelivery): Promise<void> {
    const { userIds } = await this.auth.staff({});
    const order = orderId === undefined ? undefined : await this.order.view({ orderId, userId: null }).catch(notFoundAsUndefined);
    const subject = [order?.number, amount === undefined ? undefined : rupees(amount)].filter(Boolean).join(', ');
    const data: Record<string, string> = orderId === undefined ? {} : { orderId };
    for (const userId of userIds)
      this.announcer.announce(transaction, {
        template: 'staff_alert',
        userId,
        variables: { matter: kind, subject: subject || 'Razorpay' },
        data,
      });
  }

  /** Each event is told, also one that comes after a later one. */
  async onOrderChanged(changes: readonly OrderChanged[], { transaction }: InTransaction): Promise<void> {
    for (const changed of changes) this.announceChange(changed, transaction);
  }

  private announceChange(changed: OrderChanged, transaction: Transaction): void {
    const cause = causeOfChange(changed);
    if (cause === undefined) return;
    const { orderId, userId, number, total, refund, tracking } = changed;
    const variables = {
      ...{ number, total: rupees(total), link: this.links.order(orderId), invoice: this.links.invoice(orderId) },
      ...{ amount: rupees(refund?.amount ?? 0), tracking: trackingOf(tracking) },
      ...(cause.change === undefined ? {} : { change: cause.change }),
    };
    this.announcer.announce(transaction, {
      template: cause.template,
      userId,
      variables,
      data: { orderId, link: this.links.order(orderId) },
    });
  }
}

function notFoundAsUndefined(error: unknown): undefined {
  if (error instanceof Refusal && error.code === 'not_found') return undefined;
  throw error;
}

const trackingOf = (tracking: OrderChanged['tracking']): string =>
  tracking === undefined ? '' : [tracking.carrier, tracking.number].filter(Boolean).join(' ');
