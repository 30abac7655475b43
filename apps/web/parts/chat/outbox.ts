import type { Message, NewMessage } from '#libs/client/chat-types';
import { codeOf, type Failure, isPassing, ShopFailure } from '../failure.ts';
import type { Store } from '../store.ts';

/** A message of this browser that the shop has not confirmed. */
export interface Waiting {
  readonly userId: string;
  readonly message: NewMessage;
  readonly files: NonNullable<Message['attachments']>;
  readonly at: string;
  /** The shop has said no; the sender decides what becomes of it. */
  readonly refusal?: Failure;
}

interface OutboxParts {
  readonly kept: Store<readonly Waiting[] | undefined> & { readAgain(): readonly Waiting[] | undefined };
  readonly userId: () => string | undefined;
  /** Throws a ShopFailure. */
  readonly send: (message: NewMessage) => Promise<Message>;
  /** Before it leaves the outbox, so that it is shown all the time. */
  readonly sent: (message: Message) => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;

/**
 * What was written leaves from here, one message after the other, under one `clientMessageId` however often it is tried. It is kept by the
 * browser, so a reload or a dead network loses nothing.
 */
export class Outbox {
  private isSending = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: OutboxParts) {}

  readonly use = (threadId: string): readonly Waiting[] =>
    this.ofReader(this.parts.kept.use()).filter(({ message }) => message.threadId === threadId);

  add(message: NewMessage, files: Waiting['files'] = []): void {
    const userId = this.parts.userId();
    if (userId === undefined) return;
    this.change((all) => [...all, { userId, message, files, at: new Date().toISOString() }]);
    void this.flush();
  }

  retry(clientMessageId: string): void {
    this.change((all) =>
      all.map(({ refusal, ...one }) => (isOf(one, clientMessageId) || refusal === undefined ? one : { ...one, refusal })),
    );
    void this.flush();
  }

  discard(clientMessageId: string): void {
    this.change((all) => all.filter((one) => !isOf(one, clientMessageId)));
  }

  /** Sends what waits, now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        if (!(await this.deliver(next))) break;
      }
    } finally {
      this.isSending = false;
    }
  }

  /** False where the next one has to wait too. */
  private async deliver({ message }: Waiting): Promise<boolean> {
    const { clientMessageId } = message;
    try {
      this.parts.sent(await this.parts.send(message));
      this.failures = 0;
      this.discard(clientMessageId);
      return true;
    } catch (error) {
      if (!(error instanceof ShopFailure)) throw error;
      const { failure } = error;
      if (isForNow(failure)) {
        this.waitAfter(failure);
        return false;
      }
      this.change((all) => all.map((one) => (isOf(one, clientMessageId) ? { ...one, refusal: failure } : one)));
      return true;
    }
  }

  private waitAfter(failure: Failure): void {
    const asked = 'retryAfter' in failure ? (failure.retryAfter ?? 0) * 1_000 : 0;
    const pause = Math.max(asked, Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS));
    this.failures += 1;
    this.timer = setTimeout(() => void this.flush(), pause);
  }

  private next(): Waiting | undefined {
    return this.ofReader(this.parts.kept.get()).find(({ refusal }) => refusal === undefined);
  }

  private ofReader(all: readonly Waiting[] | undefined): readonly Waiting[] {
    const userId = this.parts.userId();
    return (all ?? []).filter((one) => one.userId === userId);
  }

  /** What one wrote is not kept for the next who signs in here. */
  private change(next: (all: readonly Waiting[]) => readonly Waiting[]): void {
    const left = next(this.ofReader(this.parts.kept.readAgain()));
    this.parts.kept.set(left.length === 0 ? undefined : left);
  }
}

const isOf = ({ message }: Pick<Waiting, 'message'>, clientMessageId: string): boolean => message.clientMessageId === clientMessageId;

/** Not the message is wrong, but the moment. */
const isForNow = (failure: Failure): boolean =>
  isPassing(failure) || ['unauthenticated', 'idempotency_in_flight'].includes(codeOf(failure) ?? '');
