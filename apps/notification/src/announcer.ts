import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Channel } from '#libs/contracts/notification/views';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { causeOf, type Template } from './causes.ts';
import { Couriers } from './delivery/couriers.ts';
import { OutgoingRepository } from './delivery/outgoing.repository.ts';
import { type NotificationEnv, notificationEnv } from './notification.env.ts';

export interface Announcement {
  readonly template: Template;
  /** Undefined for a number that belongs to nobody yet. */
  readonly userId: string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
  /** Only of what auth words. */
  readonly secret?: { readonly address: string; readonly sealed: string; readonly expiresAt: string };
  /** Fewer than the template has. */
  readonly channels?: readonly Channel[];
  /** The notification's, where the event has one. */
  readonly id?: string;
}

/** Writes down that something is to be told, in the transaction of what happened; the couriers do the rest. */
@Injectable()
export class Announcer {
  constructor(
    private readonly outgoing: OutgoingRepository,
    private readonly couriers: Couriers,
    @InjectEnvironment(notificationEnv) private readonly env: NotificationEnv,
  ) {}

  announce(
    transaction: Transaction,
    { template, userId, variables = {}, data = {}, secret, channels: fewer, id = uuidv7() }: Announcement,
  ): void {
    const { category, channels, lane, delay = 0, digest = false } = causeOf(template);
    this.outgoing.add(transaction, {
      ...{
        notificationId: id,
        userId: userId ?? null,
        template,
        category,
        channels: fewer ?? channels,
        lane,
        variables,
        data,
        delaySeconds: delay,
      },
      digestSeconds: digest ? this.env.DIGEST_SECONDS : undefined,
      ...{ address: secret?.address, sealed: secret?.sealed, expiresAt: secret?.expiresAt },
    });
    if (delay === 0) transaction.afterCommit(() => this.couriers.wake());
  }
}
