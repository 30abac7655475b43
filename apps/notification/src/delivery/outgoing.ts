import type { Category, Channel, Locale } from '#libs/contracts/notification/views';
import type { Lane, Template } from '../causes.ts';
import type { Attempt } from '../store/notification-store.ts';

export type SkipReason =
  | 'preference'
  | 'suppressed'
  | 'cap'
  | 'no_address'
  | 'unverified'
  | 'no_device'
  | 'stale'
  | 'expired'
  | 'cancelled'
  | 'unknown_user';

/** `sending` is between the hand-over's beginning and its record: who dies there leaves a message of which nobody knows. */
export type State = 'waiting' | 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'bounced' | 'unknown' | 'skipped';

/** One thing that a message tells. */
export interface Telling {
  readonly template: Template | null;
  /** What its texts are filled with. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the client gets beside the texts. */
  readonly data: Readonly<Record<string, string>>;
}

/** A push that takes an earlier one from the screen: it shows nothing itself. */
export const isClearing = (data: Readonly<Record<string, string>>): boolean => data.type === 'clear';

/** A message on its way out. */
export interface Outgoing extends Telling {
  readonly id: string;
  readonly notification_id: string;
  readonly campaign_id: string | null;
  /** Null for a number that belongs to nobody yet. */
  readonly user_id: string | null;
  /** Null for a campaign's, which has `title` and `body` instead. */
  readonly template: Template | null;
  readonly category: Category;
  readonly channel: Channel;
  readonly lane: Lane;
  readonly title: string | null;
  readonly body: string | null;
  /** How many it tells of. */
  readonly count: number;
  /** What it tells of beside its own words, the oldest first; no more than the last hundred. */
  readonly gathered: readonly Telling[];
  /** Where auth says it goes; else the user's contact is asked for. */
  readonly address: string | null;
  readonly sealed: string | null;
  readonly state: State;
  readonly reason: SkipReason | null;
  readonly expires_at: Date | null;
  readonly tries: number;
  readonly attempts: readonly Attempt[];
  readonly sent_to: string;
  readonly version: number | null;
  readonly locale: Locale;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A message as a provider takes it. */
export interface Message {
  readonly channel: Channel;
  /** The delivery's, the same at every try. */
  readonly id: string;
  readonly notificationId: string;
  readonly userId: string | null;
  readonly template: Template | null;
  readonly category: Category;
  readonly locale: Locale;
  readonly version: number | null;
  /** One address; of a push, the tokens of the user's devices. */
  readonly to: readonly string[];
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly dltTemplateId?: string;
  /** Where this category's mails are switched off, in those that may be. */
  readonly unsubscribe?: string;
  readonly data: Readonly<Record<string, string>>;
  readonly count: number;
  /** How many its row told of when it was judged: what has joined since is not in these words. */
  readonly judgedCount: number;
  /** Of tries before this one. */
  readonly tries: number;
  readonly createdAt: Date;
}

export interface Outcome {
  readonly state: 'sent' | 'delivered' | 'failed' | 'bounced' | 'unknown' | 'again';
  readonly provider: string;
  readonly code?: string;
  /** What the provider calls it in its receipts. */
  readonly providerId?: string;
  /** Seconds that the provider asks us to wait. */
  readonly retryAfter?: number;
  /** Whether it did not get as far as a try that counts. */
  readonly isUntried?: boolean;
}

/** Hands messages to a provider. */
export interface Carrier {
  /** How many it takes at once. */
  readonly atOnce: number;
  /** Seconds until it is worth asking again; 0 when it is. */
  restsFor(): number;
  /** An outcome for each message, in their order. It does not fail: what it cannot tell is `unknown`. */
  carry(messages: readonly Message[]): Promise<readonly Outcome[]>;
  close?(): void;
}

/** What is written down of an address. */
export function masked(channel: Channel, address: string): string {
  if (channel === 'email') return address.replace(/^(.)[^@]*/u, '$1***');
  if (channel === 'sms') return `${address.slice(0, 3)}******${address.slice(-4)}`;
  return channel === 'push' ? `${address.slice(0, 6)}…` : '';
}
