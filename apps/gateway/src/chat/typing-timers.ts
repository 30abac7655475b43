/** Somebody is told of the same typist no more often. */
const EVERY_MS = 2_000;
/** Typing that nobody confirms has ended. */
const ENDS_AFTER_MS = 6_000;

interface Typist<Audience> {
  readonly audience: Audience;
  readonly toldAt: number;
  readonly end: NodeJS.Timeout;
}

/** Who types where, as far as this gateway has told it. Each gateway ends what it told by itself, so nobody types for ever when one dies. */
export class TypingTimers<Audience> {
  private readonly typists = new Map<string, Typist<Audience>>();

  constructor(private readonly tell: (threadId: string, userId: string, typing: boolean, audience: Audience) => void) {}

  /** Whether this typist was told of so lately that nobody needs to hear it again. */
  isFresh(threadId: string, userId: string): boolean {
    const typist = this.typists.get(keyOf(threadId, userId));
    return typist !== undefined && performance.now() - typist.toldAt < EVERY_MS;
  }

  started(threadId: string, userId: string, audience: Audience): void {
    const key = keyOf(threadId, userId);
    const isFresh = this.isFresh(threadId, userId);
    const before = this.typists.get(key);
    clearTimeout(before?.end);
    const end = setTimeout(() => this.ended(threadId, userId), ENDS_AFTER_MS).unref();
    this.typists.set(key, { audience, toldAt: isFresh && before !== undefined ? before.toldAt : performance.now(), end });
    if (!isFresh) this.tell(threadId, userId, true, audience);
  }

  ended(threadId: string, userId: string): void {
    const key = keyOf(threadId, userId);
    const typist = this.typists.get(key);
    if (typist === undefined) return;
    clearTimeout(typist.end);
    this.typists.delete(key);
    this.tell(threadId, userId, false, typist.audience);
  }
}

const keyOf = (threadId: string, userId: string): string => `${threadId} ${userId}`;
