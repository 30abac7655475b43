import { Dictionary, Means, Nullable, OneOf, Optional, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { pageOf } from '../page.ts';

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
  @Means('In all categories.') @Whole(0, 1_000_000) unreadCount!: number;
}

export class UnreadCount {
  @Means('In all categories.') @Whole(0, 1_000_000) unreadCount!: number;
}
