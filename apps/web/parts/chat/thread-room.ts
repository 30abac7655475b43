import type { ChatSocket } from '#libs/client/chat-socket';
import type { Message, Receipt, Thread } from '#libs/client/chat-types';
import { api, ask } from '../api.ts';
import { type Failure, ShopFailure } from '../failure.ts';
import { keepUnreadChats } from '../notifications/unread.ts';
import { session } from '../session.ts';
import { createStore } from '../store.ts';
import { merged, newer, withReceipts } from './thread-state.ts';

const PAGE = 40;
/** The server ends it after six seconds, if it can. */
const TYPING_MS = 8_000;

interface RoomView {
  readonly thread: Thread | undefined;
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly isReadingOlder: boolean;
  /** Why the thread cannot be shown. */
  readonly failure: Failure | undefined;
  /** Who is writing. */
  readonly typing: readonly string[];
}

const rooms = new Map<string, ThreadRoom>();
export const roomOf = (threadId: string): ThreadRoom | undefined => rooms.get(threadId);

/** One thread as a page shows it: the newest messages, older ones as they are asked for, and what comes. */
export class ThreadRoom {
  readonly view = createStore<RoomView>({
    ...{ thread: undefined, messages: [], hasOlder: false, isReadingOlder: false },
    ...{ failure: undefined, typing: [] },
  });
  private readonly typingEnds = new Map<string, ReturnType<typeof setTimeout>>();
  /** What the shop was told. */
  private readTo = 0;
  private isTelling = false;
  /** Of the page that was read last: a change since then is asked for. */
  private revision = 0;
  private isClosed = false;

  constructor(
    readonly threadId: string,
    private readonly came: (messages: readonly Message[]) => void,
  ) {
    rooms.set(threadId, this);
  }

  close(): void {
    this.isClosed = true;
    if (rooms.get(this.threadId) === this) rooms.delete(this.threadId);
    for (const timer of this.typingEnds.values()) clearTimeout(timer);
  }

  /** Reads the thread and its newest messages; `view.failure` says why it could not. */
  async read(): Promise<void> {
    const path = { threadId: this.threadId };
    try {
      const [thread, page] = await Promise.all([
        ask(api.GET('/api/chat/threads/{threadId}', { params: { path } })),
        ask(api.GET('/api/chat/threads/{threadId}/messages', { params: { path, query: { limit: PAGE } } })),
      ]);
      this.revision = page.revision;
      this.change(({ messages }) => ({
        ...{ thread, failure: undefined, hasOlder: page.hasMore },
        messages: merged(messages, page.items),
      }));
    } catch (error) {
      if (!(error instanceof ShopFailure)) throw error;
      this.change(() => ({ failure: error.failure }));
    }
  }

  /** Goes on from what was read. @returns what ends it */
  follow(socket: ChatSocket): () => void {
    const from = { after: this.view.get().messages.at(-1)?.sequence ?? 0, revision: this.revision };
    const ends = [
      socket.follow(this.threadId, from, {
        messages: (more) => this.hear(more),
        changed: (changed) => this.merge(this.shownOf(changed)),
        receipts: (receipts) => this.keepReceipts(receipts),
      }),
      socket.on('receipt', (receipt) => {
        if (receipt.threadId === this.threadId) this.keepReceipts([receipt]);
      }),
      socket.on('thread', (told) => {
        if (told.id === this.threadId) this.keepThread(told);
      }),
      socket.on('typing', ({ threadId, userId, typing }) => {
        if (threadId === this.threadId) this.keepTyping(userId, typing);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Asks for what came, while nobody tells. */
  async poll(): Promise<void> {
    const path = { threadId: this.threadId };
    try {
      for (let more = true; more && !this.isClosed; ) {
        const after = this.view.get().messages.at(-1)?.sequence ?? 0;
        const page = await ask(api.GET('/api/chat/threads/{threadId}/messages', { params: { path, query: { after, limit: PAGE } } }));
        this.hear(page.items);
        more = page.hasMore;
      }
      this.keepThread(await ask(api.GET('/api/chat/threads/{threadId}', { params: { path } })));
    } catch (error) {
      if (!(error instanceof ShopFailure)) throw error;
    }
  }

  async older(): Promise<void> {
    const { messages, hasOlder, isReadingOlder } = this.view.get();
    const before = messages[0]?.sequence;
    if (!hasOlder || isReadingOlder || before === undefined) return;
    this.change(() => ({ isReadingOlder: true }));
    try {
      const query = { before, limit: PAGE };
      const page = await ask(api.GET('/api/chat/threads/{threadId}/messages', { params: { path: { threadId: this.threadId }, query } }));
      this.change((view) => ({ messages: merged(view.messages, page.items), hasOlder: page.hasMore }));
    } catch (error) {
      // They are asked for again at the next scrolling.
      if (!(error instanceof ShopFailure)) throw error;
    } finally {
      this.change(() => ({ isReadingOlder: false }));
    }
  }

  /** The reader has seen all that is shown. */
  async markRead(): Promise<void> {
    if (this.isTelling) return;
    this.isTelling = true;
    try {
      for (let sequence = this.unreadUpTo(); sequence !== undefined; sequence = this.unreadUpTo()) await this.tellRead(sequence);
    } catch (error) {
      // With the next message, or when the page is looked at again.
      if (!(error instanceof ShopFailure)) throw error;
    } finally {
      this.isTelling = false;
    }
  }

  /** Undefined where nothing is, or where the reader only watches. */
  private unreadUpTo(): number | undefined {
    const { thread, messages } = this.view.get();
    const me = session.get()?.user.id;
    const own = thread?.participants.find(({ userId }) => userId === me);
    const sequence = messages.findLast(({ senderId }) => senderId !== me)?.sequence ?? 0;
    return own === undefined || this.isClosed || sequence <= Math.max(own.read ?? 0, this.readTo) ? undefined : sequence;
  }

  private async tellRead(sequence: number): Promise<void> {
    const { threadId } = this;
    const params = { path: { threadId } };
    const { delivered, read, unreadCount, totalUnread } = await ask(
      api.POST('/api/chat/threads/{threadId}/read', { params, body: { sequence } }),
    );
    this.readTo = sequence;
    keepUnreadChats(totalUnread);
    const userId = session.get()?.user.id ?? '';
    this.change(({ thread }) => ({
      thread: thread && { ...withReceipts(thread, [{ threadId, userId, delivered, read }]), unreadCount },
    }));
  }

  merge(messages: readonly Message[]): void {
    this.change((view) => ({ messages: merged(view.messages, messages) }));
  }

  keepThread(told: Thread): void {
    this.change(({ thread }) => ({ thread: newer(thread, told) }));
  }

  private hear(messages: readonly Message[]): void {
    const last = this.view.get().messages.at(-1)?.sequence ?? 0;
    this.merge(messages);
    for (const { senderId } of messages) if (senderId !== null) this.keepTyping(senderId, false);
    const fresh = messages.filter(({ sequence }) => sequence > last);
    if (fresh.length > 0) this.came(fresh);
  }

  /** Older ones than those on the page are read anew when they are scrolled to. */
  private shownOf(changed: readonly Message[]): readonly Message[] {
    const first = this.view.get().messages[0]?.sequence ?? 0;
    return changed.filter(({ sequence }) => sequence >= first);
  }

  private keepReceipts(receipts: readonly Receipt[]): void {
    this.change(({ thread }) => ({ thread: thread && withReceipts(thread, receipts) }));
  }

  private keepTyping(userId: string, typing: boolean): void {
    clearTimeout(this.typingEnds.get(userId));
    const others = this.view.get().typing.filter((one) => one !== userId);
    if (typing)
      this.typingEnds.set(
        userId,
        setTimeout(() => this.keepTyping(userId, false), TYPING_MS),
      );
    if (typing || others.length < this.view.get().typing.length) this.change(() => ({ typing: typing ? [...others, userId] : others }));
  }

  private change(next: (view: RoomView) => Partial<RoomView>): void {
    if (this.isClosed) return;
    const view = this.view.get();
    this.view.set({ ...view, ...next(view) });
  }
}
