import {
  CountByName,
  Dictionary,
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Pattern,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
} from '../fields.ts';
import { listOf, pageOf } from '../page.ts';

export const CHANNELS = ['push', 'email', 'sms', 'in_app'] as const;
export type Channel = (typeof CHANNELS)[number];

export const CATEGORIES = ['account', 'orders', 'chat', 'wishlist', 'promotions'] as const;
export type Category = (typeof CATEGORIES)[number];

export const LOCALES = ['en', 'hi'] as const;
export type Locale = (typeof LOCALES)[number];

export const PLATFORMS = ['android', 'ios', 'web'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const SUPPRESSION_REASONS = ['bounce', 'complaint'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

export const DELIVERY_STATES = ['waiting', 'queued', 'sending', 'sent', 'delivered', 'failed', 'bounced', 'unknown', 'skipped'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const SKIP_REASONS = [
  ...['preference', 'suppressed', 'cap', 'no_address', 'unverified', 'no_device', 'stale', 'expired', 'cancelled', 'unknown_user'],
] as const;

/** Unread notifications are counted up to here, so that a count costs the same whatever its user never looked at. */
export const UNREAD_COUNTED = 1_000;

export class Notification {
  @Uuid() id!: string;
  @Uuid() userId!: string;
  @OneOf(CATEGORIES) category!: Category;
  @Means("Null for a campaign's.") @Nullable() @Text(1, 60) template!: string | null;
  @Text(1, 200) title!: string;
  @Text(1, 1000) body!: string;
  @Means('`link` and ids, such as `orderId`; several ids are joined by commas.') @Dictionary() data!: Record<string, string>;
  @Means('How many have been told as one.') @Whole(1, 1_000_000) count!: number;
  @Optional() @Timestamp() readAt?: string;
  @Timestamp() createdAt!: string;
  @Timestamp() expiresAt!: string;
}

export class NotificationPage extends pageOf(Notification) {
  @Means('In all categories; more than 1,000 are not counted.') @Whole(0, UNREAD_COUNTED) unreadCount!: number;
}

export class UnreadCount {
  @Means('In all categories; more than 1,000 are not counted.') @Whole(0, UNREAD_COUNTED) unreadCount!: number;
}

export class Device {
  @Uuid() id!: string;
  @OneOf(PLATFORMS) platform!: Platform;
  @Text(1, 128) deviceId!: string;
  @Timestamp() createdAt!: string;
  @Timestamp() lastSeenAt!: string;
}
export class DeviceList extends listOf(Device) {}

export class ChannelChoices {
  @Flag() push!: boolean;
  @Flag() email!: boolean;
  @Flag() sms!: boolean;
  @Flag() in_app!: boolean;
}

export class CategoryChoices {
  @Nested(() => ChannelChoices) account!: ChannelChoices;
  @Nested(() => ChannelChoices) orders!: ChannelChoices;
  @Nested(() => ChannelChoices) chat!: ChannelChoices;
  @Nested(() => ChannelChoices) wishlist!: ChannelChoices;
  @Nested(() => ChannelChoices) promotions!: ChannelChoices;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** `HH:MM`, in the reader's zone; from the evening to the morning where `to` is before `from`. */
export class QuietHours {
  @Pattern(CLOCK, 'must be a time as HH:MM') from!: string;
  @Pattern(CLOCK, 'must be a time as HH:MM') to!: string;
}

export class Preferences {
  @Uuid() userId!: string;
  @Nested(() => CategoryChoices) channels!: CategoryChoices;
  @Means('Cells that cannot be switched off, such as `account.email`.') @TextList(20, 1, 40) locked!: string[];
  @Nullable() @Nested(() => QuietHours) quietHours!: QuietHours | null;
  @Text(1, 60) timeZone!: string;
  @OneOf(LOCALES) locale!: Locale;
  @Timestamp() updatedAt!: string;
}

export class DeliveryAttempt {
  @Timestamp() at!: string;
  @Text(1, 60) provider!: string;
  @Text(1, 40) outcome!: string;
  @Optional() @Text(0, 200) code?: string;
}

export class Delivery {
  @Uuid() id!: string;
  @Uuid() notificationId!: string;
  @Optional() @Uuid() campaignId?: string;
  @Means('Null for a number that belonged to nobody.') @Nullable() @Uuid() userId!: string | null;
  @Nullable() @Text(1, 60) template!: string | null;
  @Means('The version of the template; null for a campaign.') @Nullable() @Whole(1, 1_000_000) version!: number | null;
  @OneOf(LOCALES) locale!: Locale;
  @OneOf(CHANNELS) channel!: Channel;
  @Means('Masked.') @Text(0, 254) to!: string;
  @OneOf(DELIVERY_STATES) state!: DeliveryState;
  @Optional() @OneOf(SKIP_REASONS) reason?: string;
  @ListOf(() => DeliveryAttempt) attempts!: DeliveryAttempt[];
  @Timestamp() createdAt!: string;
  @Timestamp() updatedAt!: string;
}
export class DeliveryPage extends pageOf(Delivery) {}

export class Suppression {
  @Uuid() id!: string;
  @OneOf(CHANNELS) channel!: Channel;
  @Text(1, 254) address!: string;
  @OneOf(SUPPRESSION_REASONS) reason!: SuppressionReason;
  @Timestamp() createdAt!: string;
}
export class SuppressionPage extends pageOf(Suppression) {}

export class TemplateVersion {
  @Means('Counts the texts of a template, of all languages and channels.') @Whole(1, 1_000_000) version!: number;
  @OneOf(LOCALES) locale!: Locale;
  @OneOf(CHANNELS) channel!: Channel;
  @Optional() @Text(1, 200) subject?: string;
  @Text(1, 5_000) text!: string;
  @Optional() @Text(1, 60_000) html?: string;
  @Optional() @Text(1, 60) dltTemplateId?: string;
  @Flag() active!: boolean;
  @Timestamp() createdAt!: string;
}

export class MessageTemplate {
  @Text(1, 60) key!: string;
  @OneOf(CATEGORIES) category!: Category;
  @TextList(40, 1, 40) variables!: string[];
  @ListOf(() => TemplateVersion) versions!: TemplateVersion[];
}
export class MessageTemplateList extends listOf(MessageTemplate) {}

export class RenderedMessage {
  @Optional() @Text(0, 500) subject?: string;
  @Text(0, 20_000) text!: string;
  @Optional() @Text(0, 100_000) html?: string;
}

export const CAMPAIGN_STATUSES = ['scheduled', 'running', 'done', 'cancelled'] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

export class CampaignCounts {
  @Means('Messages that wait for their time.') @Whole(0, 1_000_000_000) waiting!: number;
  @Means('Messages that are about to leave.') @Whole(0, 1_000_000_000) queued!: number;
  @Means('Messages that a provider took.') @Whole(0, 1_000_000_000) sent!: number;
  @Means('Messages that arrived.') @Whole(0, 1_000_000_000) delivered!: number;
  @Means('Messages that no provider took.') @Whole(0, 1_000_000_000) failed!: number;
  @Means('Messages whose address does not exist.') @Whole(0, 1_000_000_000) bounced!: number;
  @Means('Messages handed over without an answer.') @Whole(0, 1_000_000_000) unknown!: number;
  @Means('Messages that did not leave, by reason.') @CountByName() skipped!: Record<string, number>;
}

export class Campaign {
  @Uuid() id!: string;
  @OneOf(CATEGORIES) category!: Category;
  @Text(1, 120) title!: string;
  @OneOf(CAMPAIGN_STATUSES) status!: CampaignStatus;
  @Timestamp() sendAt!: string;
  @Means('Users it is for; of a segment those found so far.') @Whole(0, 1_000_000_000) recipients!: number;
  @Nested(() => CampaignCounts) counts!: CampaignCounts;
  @Uuid() createdBy!: string;
  @Timestamp() createdAt!: string;
  @Optional() @Timestamp() finishedAt?: string;
}
export class CampaignPage extends pageOf(Campaign) {}

export class Unsubscribed {
  @OneOf(CATEGORIES) category!: Category;
  @Flag() email!: boolean;
  @Means('Where the link was about one piece of feedback: nothing of it is told any more, and the category stays.')
  @Optional()
  @Uuid()
  feedbackId?: string;
}

export class Received {
  @Flag() received!: boolean;
}
