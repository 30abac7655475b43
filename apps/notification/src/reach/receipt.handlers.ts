import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RawRequest } from '#libs/contracts/contract';
import { Flag, ListOf, OneOf, Optional, Text, Timestamp } from '#libs/contracts/fields';
import { notificationApi } from '#libs/contracts/notification/api';
import type { Received } from '#libs/contracts/notification/views';
import { parseJson, readInput } from '#libs/contracts/shape';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Receipts } from '../delivery/receipts.ts';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { SuppressionRepository } from './suppression.repository.ts';

const EVENT_TYPES = ['bounce', 'complaint', 'delivered', 'failed'] as const;

class ProviderEvent {
  @Text(1, 200) id!: string;
  @OneOf(EVENT_TYPES) type!: (typeof EVENT_TYPES)[number];
  @Optional() @Flag() permanent?: boolean;
  @Text(1, 254) address!: string;
  @Optional() @Text(1, 400) messageId?: string;
  @Timestamp() at!: string;
}

class ProviderEvents {
  @ListOf(() => ProviderEvent, 0, 1_000) events!: ProviderEvent[];
}

/** What providers tell of messages that they took. Telling it again changes nothing. */
@Injectable()
export class ReceiptHandlers {
  constructor(
    private readonly receipts: Receipts,
    private readonly suppressions: SuppressionRepository,
    @InjectEnvironment(notificationEnv) private readonly env: NotificationEnv,
  ) {}

  async mailWebhook(request: RawRequest): Promise<Received> {
    for (const { type, permanent = true, address, messageId } of eventsIn(request, this.env.MAIL_WEBHOOK_SECRET)) {
      const isForGood = type === 'complaint' || (type === 'bounce' && permanent);
      if (isForGood) await this.suppressions.add('email', address, type === 'complaint' ? 'complaint' : 'bounce');
      if (messageId === undefined || type === 'complaint') continue;
      await this.receipts.ofMail(messageId, type === 'bounce' ? 'bounced' : type);
    }
    return { received: true };
  }

  async smsWebhook(request: RawRequest): Promise<Received> {
    for (const { type, messageId } of eventsIn(request, this.env.SMS_WEBHOOK_SECRET)) {
      if (messageId === undefined || type === 'complaint') continue;
      await this.receipts.ofSms(messageId, type === 'bounce' ? 'bounced' : type);
    }
    return { received: true };
  }
}

function eventsIn({ bytes, headers }: RawRequest, secret: string | undefined): readonly ProviderEvent[] {
  const given = Buffer.from(headers['x-signature'] ?? '', 'utf8');
  const right = Buffer.from(secret === undefined ? '' : createHmac('sha256', secret).update(bytes).digest('hex'), 'utf8');
  if (secret === undefined || given.length !== right.length || !timingSafeEqual(given, right))
    throw notificationApi.refuse('notification.bad_signature', 'The signature does not fit the body');
  return readInput(ProviderEvents, parseJson(bytes.toString('utf8'))).events;
}
