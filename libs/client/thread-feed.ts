/** What a message is known by: its place in its thread, and the thread's revision of its last change. */
export interface Numbered {
  readonly id: string;
  readonly sequence: number;
  readonly revision: number;
}

/** How far a reader has a thread: every message up to `after`, as they were at `revision`. */
export interface ThreadPlace {
  readonly after: number;
  readonly revision: number;
}

export interface Missed<M> {
  /** Above `after`, ascending. */
  readonly messages: readonly M[];
  /** Up to `after`, edited or deleted since `revision`. */
  readonly changed: readonly M[];
  readonly more: boolean;
  readonly revision: number;
}

export interface FeedListener<M> {
  /** Each message of the thread once, in ascending order without holes. */
  readonly messages: (messages: readonly M[]) => void;
  /** Messages given before that were edited or deleted, in their newest form. */
  readonly changed: (messages: readonly M[]) => void;
}

/** What comes in another order than it was sent is waited for so long before the server is asked. */
const PATIENCE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
const REMEMBERED = 1_000;

/**
 * Puts a thread's messages in order, whatever order they come in: each one is given once, and what was missed is asked for. The sequence has
 * no holes and neither has the revision, so a jump in either shows that something is missing.
 */
export class ThreadFeed<M extends Numbered> {
  private last: number;
  private revision: number;
  /** Messages that came too early, by sequence. */
  private readonly early = new Map<number, M>();
  /** Revisions above the first one that is missing. */
  private readonly ahead = new Set<number>();
  /** The revision in which a message was given last, by sequence; of the last thousand. */
  private readonly given = new Map<number, number>();
  private asking: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private isClosed = false;

  /** `ask` rejects while the server cannot be reached; it is asked again. */
  constructor(
    from: ThreadPlace,
    private readonly listener: FeedListener<M>,
    private readonly ask: (from: ThreadPlace) => Promise<Missed<M>>,
  ) {
    this.last = from.after;
    this.revision = from.revision;
  }

  get place(): ThreadPlace {
    return { after: this.last, revision: this.revision };
  }

  /** A message that was sent, by anybody. */
  heard(message: M): void {
    this.keep(message);
    this.settle(message);
  }

  /** A message that was edited or deleted. */
  changed(message: M): void {
    if (message.sequence <= this.last) this.giveChanges([message]);
    this.keep(message);
    this.settle(message);
  }

  /** Asks for what was missed: after a time without a connection. */
  catchUp(): Promise<void> {
    clearTimeout(this.timer);
    this.asking ??= this.askAll()
      .then(
        () => {
          this.failures = 0;
        },
        () => {
          this.failures += 1;
        },
      )
      .finally(() => {
        this.asking = undefined;
        this.lookForGaps();
      });
    return this.asking;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private async askAll(): Promise<void> {
    for (let more = true; more && !this.isClosed; ) {
      const from = this.place;
      const missed = await this.ask(from);
      if (this.isClosed) return;
      for (const message of missed.messages) this.keep(message);
      if (missed.more) this.forgetEarlyAbove(missed.messages.at(-1)?.sequence ?? from.after);
      // What was heard while this was asked for may have been edited since.
      this.giveChanges([...missed.messages, ...missed.changed].filter(({ sequence }) => sequence <= this.last));
      this.giveEarly();
      this.revision = Math.max(this.revision, missed.revision);
      this.note(this.revision);
      more = missed.more && (this.last > from.after || this.revision > from.revision);
    }
  }

  private settle({ revision }: M): void {
    this.note(revision);
    this.giveEarly();
    this.lookForGaps();
  }

  private keep(message: M): void {
    if (message.sequence <= this.last) return;
    const known = this.early.get(message.sequence);
    if (known === undefined || known.revision < message.revision) this.early.set(message.sequence, message);
  }

  /** The next page has them in their newest form; the revision of this one may be of an edit of theirs that was lost. */
  private forgetEarlyAbove(sequence: number): void {
    for (const each of this.early.keys()) if (each > sequence) this.early.delete(each);
  }

  private note(revision: number): void {
    if (revision > this.revision) this.ahead.add(revision);
    while (this.ahead.has(this.revision + 1)) this.revision += 1;
    for (const each of this.ahead) if (each <= this.revision) this.ahead.delete(each);
  }

  private giveEarly(): void {
    const inOrder: M[] = [];
    for (let next = this.early.get(this.last + 1); next !== undefined; next = this.early.get(this.last + 1)) {
      this.early.delete(next.sequence);
      this.last = next.sequence;
      this.remember(next);
      inOrder.push(next);
    }
    if (inOrder.length > 0 && !this.isClosed) this.listener.messages(inOrder);
  }

  private giveChanges(messages: readonly M[]): void {
    const newer = messages.filter(({ sequence, revision }) => (this.given.get(sequence) ?? 0) < revision);
    for (const message of newer) this.remember(message);
    if (newer.length > 0 && !this.isClosed) this.listener.changed(newer);
  }

  private remember({ sequence, revision }: M): void {
    this.given.delete(sequence);
    this.given.set(sequence, revision);
    for (const oldest of this.given.keys()) {
      if (this.given.size <= REMEMBERED) break;
      this.given.delete(oldest);
    }
  }

  /** What is missing may be on its way. */
  private lookForGaps(): void {
    if (this.isClosed || this.asking !== undefined) return;
    clearTimeout(this.timer);
    if (this.early.size === 0 && this.ahead.size === 0 && this.failures === 0) return;
    const pause = Math.min(PATIENCE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => void this.catchUp(), pause);
  }
}
