import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Channel } from '#libs/contracts/notification/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { LANES, type Lane } from '../causes.ts';
import { FeedCarrier } from '../feed/feed-carrier.ts';
import { type NotificationEnv, notificationEnv } from '../notification.env.ts';
import { DeviceRepository } from '../reach/device.repository.ts';
import { SuppressionRepository } from '../reach/suppression.repository.ts';
import { FcmCarrier } from './fcm-carrier.ts';
import { InboxCarrier } from './inbox-carrier.ts';
import type { Carrier } from './outgoing.ts';
import { SmsCarrier } from './sms-carrier.ts';
import { gupshup, msg91 } from './sms-providers.ts';
import { SmtpCarrier } from './smtp-carrier.ts';

/**
 * Who takes the messages of a lane and channel, by the environment; the dev inbox where no provider is set. Each lane has connections and a
 * breaker of its own, so that what a campaign meets with holds up no code.
 */
@Injectable()
export class Carriers implements OnApplicationShutdown {
  private readonly carriers: Readonly<Record<Lane, Readonly<Record<Channel, Carrier>>>>;

  constructor(
    feed: FeedCarrier,
    inbox: InboxCarrier,
    suppressions: SuppressionRepository,
    devices: DeviceRepository,
    @InjectEnvironment(notificationEnv) env: NotificationEnv,
  ) {
    const ofLane = (): Readonly<Record<Channel, Carrier>> => ({
      in_app: feed,
      email: smtpOf(env, suppressions) ?? inbox.of('email'),
      push: fcmOf(env, devices) ?? inbox.of('push'),
      sms: smsOf(env) ?? inbox.of('sms'),
    });
    this.carriers = { otp: ofLane(), transactional: ofLane(), bulk: ofLane() };
  }

  of(lane: Lane, channel: Channel): Carrier {
    return this.carriers[lane][channel];
  }

  onApplicationShutdown(): void {
    for (const lane of LANES) for (const carrier of Object.values(this.carriers[lane])) carrier.close?.();
  }
}

function smtpOf(env: NotificationEnv, suppressions: SuppressionRepository): Carrier | undefined {
  const { SMTP_URL, SMTP_FALLBACK_URL, MAIL_FROM, DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY } = env;
  if (SMTP_URL === undefined) return undefined;
  const dkim =
    DKIM_DOMAIN === undefined || DKIM_SELECTOR === undefined || DKIM_PRIVATE_KEY === undefined
      ? undefined
      : { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_PRIVATE_KEY };
  return new SmtpCarrier({ url: SMTP_URL, fallbackUrl: SMTP_FALLBACK_URL, from: MAIL_FROM, dkim, suppressions });
}

function fcmOf({ FIREBASE_SERVICE_ACCOUNT, FCM_ENDPOINT, FCM_CA_FILE }: NotificationEnv, devices: DeviceRepository): Carrier | undefined {
  if (FIREBASE_SERVICE_ACCOUNT === undefined && FCM_ENDPOINT === undefined) return undefined;
  return new FcmCarrier({ serviceAccount: FIREBASE_SERVICE_ACCOUNT, endpoint: FCM_ENDPOINT, caFile: FCM_CA_FILE, devices });
}

function smsOf(env: NotificationEnv): Carrier | undefined {
  const { SMS_PROVIDER, SMS_BASE_URL, SMS_SENDER: sender, SMS_DLT_ENTITY_ID: entityId = '' } = env;
  switch (SMS_PROVIDER) {
    case 'msg91':
      return new SmsCarrier(msg91({ authKey: env.MSG91_AUTH_KEY ?? '', sender, entityId }, SMS_BASE_URL));
    case 'gupshup':
      return new SmsCarrier(
        gupshup({ userId: env.GUPSHUP_USER_ID ?? '', password: env.GUPSHUP_PASSWORD ?? '', sender, entityId }, SMS_BASE_URL),
      );
    default:
      return undefined;
  }
}
