import { contract, event, operation, RawRequest, signal } from '../contract.ts';
import { exportOperation } from '../export.ts';
import {
  Dictionary,
  Flag,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  SomeOf,
  Text,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
  Words,
} from '../fields.ts';
import { ById, ByUser, Nothing, PageQuery } from '../page.ts';
import { FeedbackUnsubscribed, NotificationShown, Unread, UnreadChanged } from './messages.ts';
import {
  CATEGORIES,
  Campaign,
  CampaignPage,
  type Category,
  CHANNELS,
  type Channel,
  DELIVERY_STATES,
  DeliveryPage,
  type DeliveryState,
  Device,
  DeviceList,
  LOCALES,
  type Locale,
  MessageTemplate,
  MessageTemplateList,
  NotificationPage,
  PLATFORMS,
  type Platform,
  Preferences,
  QuietHours,
  Received,
  RenderedMessage,
  SuppressionPage,
  TemplateVersion,
  UnreadCount,
  Unsubscribed,
} from './views.ts';

export class ListNotifications extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @Flag() unread?: boolean;
  @Optional() @OneOf(CATEGORIES) category?: Category;
}

export class ReadAll extends ByUser {
  @Means('The newest that the client has seen: later ones stay unread.') @Optional() @Uuid() upTo?: string;
}

export class RegisterToken {
  @Words(1, 4_096) token!: string;
  @OneOf(PLATFORMS) platform!: Platform;
  @Words(1, 128) deviceId!: string;
}

export class ByToken {
  @Text(1, 4_096) token!: string;
}

export class ChannelChanges {
  @Optional() @Flag() push?: boolean;
  @Optional() @Flag() email?: boolean;
  @Optional() @Flag() sms?: boolean;
  @Optional() @Flag() in_app?: boolean;
}

export class CategoryChanges {
  @Optional() @Nested(() => ChannelChanges) account?: ChannelChanges;
  @Optional() @Nested(() => ChannelChanges) orders?: ChannelChanges;
  @Optional() @Nested(() => ChannelChanges) chat?: ChannelChanges;
  @Optional() @Nested(() => ChannelChanges) wishlist?: ChannelChanges;
  @Optional() @Nested(() => ChannelChanges) promotions?: ChannelChanges;
}

/** Any part; what is not named stays. */
export class SetPreferences extends ByUser {
  @Optional() @Nested(() => CategoryChanges) channels?: CategoryChanges;
  @Means('Null: none.') @Optional() @Nullable() @Nested(() => QuietHours) quietHours?: QuietHours | null;
  @Optional() @Text(1, 60) timeZone?: string;
  @Optional() @OneOf(LOCALES) locale?: Locale;
}

export class UnsubscribeLink {
  @Text(1, 500) token!: string;
}

export class DeliveryFilter extends PageQuery {
  @Optional() @Uuid() userId?: string;
  @Optional() @Text(1, 60) template?: string;
  @Optional() @OneOf(CHANNELS) channel?: Channel;
  @Optional() @OneOf(DELIVERY_STATES) state?: DeliveryState;
  @Optional() @Uuid() orderId?: string;
}

export class PageOfOne extends PageQuery {
  @Uuid() id!: string;
}

export class SuppressionFilter extends PageQuery {
  @Optional() @Text(1, 254) address?: string;
}

export class ByKey {
  @Text(1, 60) key!: string;
}

export class NewText extends ByKey {
  @OneOf(LOCALES) locale!: Locale;
  @OneOf(CHANNELS) channel!: Channel;
  @Optional() @Words(1, 200) subject?: string;
  @Words(1, 5_000) text!: string;
  @Optional() @Words(1, 50_000) html?: string;
  @Optional() @Words(1, 60) dltTemplateId?: string;
}

export class VersionOfTemplate extends ByKey {
  @Means('The version to use.') @Whole(1, 1_000_000) version!: number;
}

export class TestText extends ByKey {
  @OneOf(LOCALES) locale!: Locale;
  @OneOf(CHANNELS) channel!: Channel;
  @Dictionary() data!: Record<string, string>;
}

/** Who a campaign is for; all that is named must hold. */
export class Segment {
  @Optional() @Flag() everyone?: boolean;
  @Means('Who bought something in so many days.') @Optional() @Whole(1, 3_650) orderedWithinDays?: number;
  @Means('Who bought nothing for so many days.') @Optional() @Whole(1, 3_650) notOrderedForDays?: number;
  @Means('Who signed up in so many days.') @Optional() @Whole(1, 3_650) registeredWithinDays?: number;
  @Optional() @OneOf(LOCALES) locale?: Locale;
}

export class SendCampaign {
  @Optional() @UuidList(1, 1_000) userIds?: string[];
  @Optional() @Nested(() => Segment) segment?: Segment;
  @OneOf(CATEGORIES) category!: Category;
  @Words(1, 120) title!: string;
  @Words(1, 1_000) body!: string;
  @Optional() @Dictionary() data?: Record<string, string>;
  @Optional() @SomeOf(CHANNELS, 1) channels?: Channel[];
  @Optional() @Timestamp() sendAt?: string;
}

export const notificationApi = contract('notification', {
  operations: {
    list: operation({
      summary: 'Own notifications, newest first',
      access: 'user',
      http: 'GET /notifications/user/:userId',
      in: ListNotifications,
      out: NotificationPage,
    }),
    read: operation({
      summary: 'Mark a notification as read',
      access: 'user',
      http: 'POST /notifications/:id/read',
      in: ById,
      out: UnreadCount,
      status: 200,
    }),
    readAll: operation({
      summary: 'Mark all notifications as read, or those up to one',
      access: 'user',
      http: 'POST /notifications/user/:userId/read-all',
      in: ReadAll,
      out: UnreadCount,
      status: 200,
    }),
    remove: operation({ summary: 'Remove a notification from the list', access: 'user', http: 'DELETE /notifications/:id', in: ById }),
    myUnread: operation({ summary: 'How many are unread', access: 'user', in: Nothing, out: Unread }),
    exportOf: exportOperation('What a user was told, wants to hear of and gets pushes on, for that archive'),
    registerToken: operation({
      summary: 'Send pushes to this device, until its session ends',
      description: 'A token has one owner: registering moves it. 201 for a new device, 200 for one that is registered already.',
      access: 'user',
      http: 'POST /notifications/register-token',
      in: RegisterToken,
      out: Device,
      status: 201,
      statusOf: ({ createdAt, lastSeenAt }) => (createdAt === lastSeenAt ? 201 : 200),
    }),
    devices: operation({
      summary: 'Devices that get pushes, the last seen first',
      access: 'user',
      http: 'GET /notifications/devices',
      in: Nothing,
      out: DeviceList,
    }),
    unregisterToken: operation({
      summary: 'Send no more pushes to this device',
      access: 'user',
      http: 'DELETE /notifications/register-token/:token',
      in: ByToken,
    }),
    preferences: operation({
      summary: 'What the caller wants to hear of, and where',
      access: 'user',
      http: 'GET /notifications/user/:userId/preferences',
      in: ByUser,
      out: Preferences,
    }),
    setPreferences: operation({
      summary: 'Change preferences; holds for what still waits, too',
      access: 'user',
      http: 'PUT /notifications/user/:userId/preferences',
      in: SetPreferences,
      out: Preferences,
      errors: { 'notification.locked_preference': 'conflict' },
    }),
    unsubscribePage: operation({
      summary: 'The page of a mail’s unsubscribe link, with a button',
      access: 'public',
      http: 'GET /notifications/unsubscribe',
      in: UnsubscribeLink,
      bytes: true,
      errors: { not_found: 'not_found' },
    }),
    unsubscribe: operation({
      summary: 'Switch the mails of a category, or all news of a piece of feedback, off by the link in one of them (RFC 8058)',
      access: 'public',
      http: 'POST /notifications/unsubscribe',
      in: RawRequest,
      out: Unsubscribed,
      status: 200,
      raw: { headers: ['content-type'], query: ['token'], maxBytes: 4_096 },
      errors: { not_found: 'not_found' },
    }),
    deliveriesOf: operation({
      summary: 'What became of the messages of a notification',
      access: 'staff',
      http: 'GET /notifications/:id/deliveries',
      in: PageOfOne,
      out: DeliveryPage,
    }),
    deliveries: operation({
      summary: 'What became of messages, newest first',
      access: 'staff',
      http: 'GET /notifications/deliveries',
      in: DeliveryFilter,
      out: DeliveryPage,
    }),
    suppressions: operation({
      summary: 'Addresses that get no mail any more',
      access: 'staff',
      http: 'GET /notifications/suppressions',
      in: SuppressionFilter,
      out: SuppressionPage,
    }),
    removeSuppression: operation({
      summary: 'Send mail to an address again',
      access: 'admin',
      http: 'DELETE /notifications/suppressions/:id',
      in: ById,
    }),
    templates: operation({
      summary: 'Templates with all versions of their texts',
      access: 'staff',
      http: 'GET /notifications/templates',
      in: Nothing,
      out: MessageTemplateList,
    }),
    template: operation({
      summary: 'One template',
      access: 'staff',
      http: 'GET /notifications/templates/:key',
      in: ByKey,
      out: MessageTemplate,
    }),
    putText: operation({
      summary: 'A new text of a template, which is in use at once',
      access: 'admin',
      http: 'PUT /notifications/templates/:key',
      in: NewText,
      out: TemplateVersion,
      status: 201,
      errors: { 'notification.bad_template': 'bad_request' },
    }),
    activateText: operation({
      summary: 'Use this version for its language and channel',
      access: 'admin',
      http: 'POST /notifications/templates/:key/versions/:version/activate',
      in: VersionOfTemplate,
      out: TemplateVersion,
      status: 200,
    }),
    testText: operation({
      summary: 'The text in use, with values of the caller’s',
      access: 'admin',
      http: 'POST /notifications/templates/:key/test',
      in: TestText,
      out: RenderedMessage,
      status: 200,
      errors: { 'notification.missing_variable': 'bad_request' },
    }),
    mailWebhook: operation({
      summary: 'Bounces, complaints and receipts of the mail provider',
      access: 'signature',
      http: 'POST /notifications/webhooks/mail',
      in: RawRequest,
      out: Received,
      status: 200,
      raw: { headers: ['x-signature'], maxBytes: 1_048_576 },
      errors: { 'notification.bad_signature': 'bad_request' },
    }),
    smsWebhook: operation({
      summary: 'Receipts of the SMS provider',
      access: 'signature',
      http: 'POST /notifications/webhooks/sms',
      in: RawRequest,
      out: Received,
      status: 200,
      raw: { headers: ['x-signature'], maxBytes: 1_048_576 },
      errors: { 'notification.bad_signature': 'bad_request' },
    }),
    send: operation({
      summary: 'Send a campaign, to named users or to all of a segment',
      description:
        'Each user gets it once. `{{name}}` stands for the reader’s name. Support may name 50 users at most, and send no promotions.',
      oneOf: [['userIds'], ['segment']],
      access: 'staff',
      http: 'POST /notifications',
      in: SendCampaign,
      out: Campaign,
      status: 202,
    }),
    campaigns: operation({
      summary: 'Campaigns, newest first',
      access: 'staff',
      http: 'GET /notifications/campaigns',
      in: PageQuery,
      out: CampaignPage,
    }),
    campaign: operation({
      summary: 'One campaign, and how far it is',
      access: 'staff',
      http: 'GET /notifications/campaigns/:id',
      in: ById,
      out: Campaign,
    }),
    cancelCampaign: operation({
      summary: 'Send no more of a campaign',
      access: 'staff',
      http: 'POST /notifications/campaigns/:id/cancel',
      in: ById,
      out: Campaign,
      status: 200,
      errors: { 'notification.already_finished': 'conflict' },
    }),
    campaignDeliveries: operation({
      summary: 'What became of the messages of a campaign',
      access: 'staff',
      http: 'GET /notifications/campaigns/:id/deliveries',
      in: PageOfOne,
      out: DeliveryPage,
    }),
  },
  events: {
    unsubscribed: event({
      summary: 'Somebody wants to hear no more of a piece of feedback',
      version: 1,
      data: FeedbackUnsubscribed,
      subscribers: ['feedback'],
    }),
  },
  signals: {
    shown: signal({ summary: 'A notification stands in the list of its user', data: NotificationShown }),
    unread: signal({ summary: 'Another number is unread', data: UnreadChanged }),
  },
});
