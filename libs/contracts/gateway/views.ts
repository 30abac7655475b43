import { CountByName, Dictionary, ListOf, Means, Nested, Nullable, OneOf, OneOfByName, Optional, Text, Timestamp } from '../fields.ts';
import { Product, ProductDetail } from '../product/views.ts';
import { Review, ReviewSummary } from '../review/views.ts';

export const HEALTHS = ['up', 'degraded', 'down'] as const;

export type Health = (typeof HEALTHS)[number];

export class SystemStatus {
  @OneOf(HEALTHS) status!: Health;
  @Means('By service: `up`, `degraded` or `down`.') @OneOfByName(HEALTHS) services!: Record<string, Health>;
  @Means('Replicas by service, for staff.') @Optional() @CountByName() replicas?: Record<string, number>;
}

export class ReviewsOnPage {
  @Means('The first five, the most helpful first.') @ListOf(() => Review) items!: Review[];
  @Nested(() => ReviewSummary) summary!: ReviewSummary;
}

export class RelatedProducts {
  @Means('What others bought with it, then what is of its category and nearest to its price; in stock.')
  @ListOf(() => Product)
  items!: Product[];
}

export class ComposedPage {
  @Nullable() @Nested(() => ProductDetail) product!: ProductDetail | null;
  @Nullable() @Nested(() => ReviewsOnPage) reviews!: ReviewsOnPage | null;
  @Nullable() @Nested(() => RelatedProducts) related!: RelatedProducts | null;
}

export class InboxMessage {
  @OneOf(['mail', 'sms', 'push']) channel!: string;
  @Means('The address or number it would have gone to; of a push, the token of the device.') @Text(1, 4_096) to!: string;
  @Optional() @Text(0, 500) subject?: string;
  @Text(0, 20_000) text!: string;
  @Optional() @Text(1, 60) template?: string;
  @Optional() @Text(1, 60) category?: string;
  @Optional() @Text(2, 2) locale?: string;
  @Means('Of a mail.') @Optional() @Dictionary() headers?: Readonly<Record<string, string>>;
  @Means('Of a push.') @Optional() @Dictionary() data?: Readonly<Record<string, string>>;
  @Optional() @Text(1, 60) dltTemplateId?: string;
  @Timestamp() at!: string;
}

export class Inbox {
  @ListOf(() => InboxMessage) items!: InboxMessage[];
}
