import type { Category, Channel, Locale } from '#libs/contracts/notification/views';

/** A notification as it stands in its user's list. Its id says when it was made (UUIDv7). */
export interface KeptNotification {
  readonly id: string;
  readonly userId: string;
  readonly category: Category;
  readonly template: string | null;
  readonly title: string;
  readonly body: string;
  readonly data: Readonly<Record<string, string>>;
  readonly count: number;
  readonly readAt: Date | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface Attempt {
  /** ISO 8601. */
  readonly at: string;
  readonly provider: string;
  readonly outcome: string;
  readonly code?: string;
}

/** What became of one message. Its id says when it was made. */
export interface KeptDelivery {
  readonly id: string;
  readonly notificationId: string;
  readonly campaignId: string | null;
  readonly userId: string | null;
  readonly orderId: string | null;
  readonly template: string | null;
  readonly version: number | null;
  readonly locale: Locale;
  readonly channel: Channel;
  /** Masked. */
  readonly to: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: readonly Attempt[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface FeedPage {
  readonly userId: string;
  /** Only unread ones. */
  readonly unread?: boolean | undefined;
  readonly category?: Category | undefined;
  /** Older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Which deliveries: all that these fields name, newest first. */
export interface DeliveryPage {
  readonly notificationId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly userId?: string | undefined;
  readonly template?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly state?: string | undefined;
  /** Older than this one. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface DeliveryList {
  readonly deliveries: readonly KeptDelivery[];
  /** The next page is before this one; undefined on the last page. A page may be short and have a next one all the same. */
  readonly next: string | undefined;
}

/**
 * The rows that grow without end: what stands in people's lists, for 90 days, and what became of each message, for a year. Everything may be
 * written again with the same id and the same effect. `test/store-conformance.ts` says what an adapter must do.
 */
export abstract class NotificationStore {
  /** One that is there already stays, unless it tells of fewer (`count`) and is unread. In Cassandra one that is read at this moment may change. */
  abstract add(notifications: readonly KeptNotification[]): Promise<void>;
  /** Newest first; none that has expired. */
  abstract page(page: FeedPage): Promise<KeptNotification[]>;
  /** Undefined as well where it is another user's. */
  abstract find(userId: string, id: string): Promise<KeptNotification | undefined>;
  /** Read ones stay read as of the first time. */
  abstract read(userId: string, id: string, at: Date): Promise<void>;
  /** Those up to `upTo`, itself included. */
  abstract readAll(userId: string, upTo: string | undefined, at: Date): Promise<void>;
  /** False where it was not there. Of two removals at once both may be true. */
  abstract remove(userId: string, id: string): Promise<boolean>;
  /** How many of each user's are unread and have not expired, up to `UNREAD_COUNTED`. */
  abstract unread(userIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** A delivery that is there already is replaced, unless it is newer. */
  abstract file(deliveries: readonly KeptDelivery[]): Promise<void>;
  /** Its state by a receipt that came after it was filed. False where it has another state by now; in Cassandra two at once may both be true. */
  abstract settle(delivery: KeptDelivery, state: string): Promise<boolean>;
  abstract deliveries(page: DeliveryPage): Promise<DeliveryList>;
  /** Removes a user's list, and where their messages went. */
  abstract erase(userId: string): Promise<void>;
}
