/** Somebody is told of the same typist no more often. */
const EVERY_MS = 2_000;
/** Typing that nobody confirms has ended. */
const ENDS_AFTER_MS = 6_000;

interface Typist<Audience> {
  readonly audience: Audience;
  /** False while their last typing was told of so lately that this one waits. */
  isTold: boolean;
  later: NodeJS.Timeout | undefined;
  end: NodeJS.Timeout;
}

/** Who types where, as far as this gateway has told it. Each gateway ends what it told by itself, so nobody types for ever when one dies. */
export class TypingTimers<Audience> {
  private readonly typists = new Map<string, Typist<Audience>>();
  /** When typists were last told of, also of typing that has ended since. */
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly tell: (threadId: string, userId: string, typing: boolean, audience: Audience) => void) {}

  /** Whether this typist was told of so lately that nobody needs to hear it again. */
  isFresh(threadId: string, userId: string): boolean {
    const key = keyOf(threadId, userId);
    return this.typists.get(key)?.isTold === true && this.waitOf(key) > 0;
  }

  started(threadId: string, userId: string, audience: Audience): void {
    const key = keyOf(threadId, userId);
    const before = this.typists.get(key);
    clearTimeout(before?.end);
    clearTimeout(before?.later);
    const end = setTimeout(() => this.ended(threadId, userId), ENDS_AFTER_MS).unref();
    const typist: Typist<Audience> = { audience, isTold: before?.isTold === true, later: undefined, end };
    this.typists.set(key, typist);
    const wait = this.waitOf(key);
    const tellNow = (): void => {
      typist.isTold = true;
      this.noteTold(key);
      this.tell(threadId, userId, true, audience);
    };
    if (wait <= 0) tellNow();
    else if (!typist.isTold) typist.later = setTimeout(tellNow, wait).unref();
  }

  ended(threadId: string, userId: string): void {
    const key = keyOf(threadId, userId);
    const typist = this.typists.get(key);
    if (typist === undefined) return;
    clearTimeout(typist.end);
    clearTimeout(typist.later);
    this.typists.delete(key);
    if (typist.isTold) this.tell(threadId, userId, false, typist.audience);
  }

  private waitOf(key: string): number {
    const toldAt = this.toldAt.get(key);
    return toldAt === undefined ? 0 : toldAt + EVERY_MS - performance.now();
  }

  private noteTold(key: string): void {
    const now = performance.now();
    this.toldAt.set(key, now);
    setTimeout(() => {
      if (this.toldAt.get(key) === now) this.toldAt.delete(key);
    }, EVERY_MS).unref();
  }
}

const keyOf = (threadId: string, userId: string): string => `${threadId} ${userId}`;
