import { io, type Socket } from 'socket.io-client';
import { type Answer, type Ask, away, type ChatCalls, ChatRefusal, refusalOf } from './chat-calls.ts';
import type { Message, NewMessage, Presence, Receipt, Thread } from './chat-types.ts';
import { type FeedListener, ThreadFeed, type ThreadPlace } from './thread-feed.ts';

/** What the shop tells, whether a thread is followed or not. */
export interface ChatNews {
  thread: Thread;
  receipt: Receipt;
  typing: { readonly threadId: string; readonly userId: string; readonly typing: boolean };
  presence: Presence;
  message: Message;
  'message:changed': Message;
  /** `open` while events reach the shop; `ended` where there is no token any more. */
  state: ChatState;
}
export type ChatState = 'connecting' | 'open' | 'ended';

export interface ChatOptions {
  /** The gateway, without a trailing slash; empty in pages that it serves. */
  readonly baseUrl: string;
  /** `isSpent`: the last one is refused, or about to end; a new one is wanted. Undefined ends the connection. */
  readonly accessToken: (isSpent: boolean) => Promise<string | undefined> | string | undefined;
}

/** The shop answers within five seconds. */
const ANSWER_MS = 7_000;
/** A token is renewed when so much of its time is left, or half of it where it is shorter. */
const RENEW_BEFORE_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const SYNC_LIMIT = 200;

type Listener = (news: never) => void;

/** One connection to `/chat`: it comes back by itself, renews its token, and catches up with the threads that are followed. */
export class ChatSocket {
  private readonly socket: Socket;
  private readonly feeds = new Map<string, Set<ThreadFeed<Message>>>();
  private readonly listeners = new Map<keyof ChatNews, Set<Listener>>();
  /** Of the last message that waits in a thread. */
  private readonly sending = new Map<string, Promise<unknown>>();
  private state: ChatState = 'connecting';
  private isSpent = false;
  private failures = 0;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: ChatOptions) {
    this.socket = io(`${options.baseUrl}/chat`, {
      // Long polling would need every request to reach the same gateway.
      transports: ['websocket'],
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: FIRST_PAUSE_MS,
      reconnectionDelayMax: LONGEST_PAUSE_MS,
      randomizationFactor: 0.8,
      auth: (give) => void this.giveToken(give),
    });
    this.socket.on('connect', () => this.opened());
    this.socket.on('connect_error', (error: Error & { data?: { code?: string } }) => this.refused(error.data?.code));
    this.socket.on('disconnect', (reason) => this.lost(reason));
    this.socket.onAny((event: keyof ChatNews, news: ChatNews[keyof ChatNews]) => this.heard(event, news));
    this.socket.connect();
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** @returns what ends the listening */
  on<E extends keyof ChatNews>(event: E, listener: (news: ChatNews[E]) => void): () => void {
    const all = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, all.add(listener));
    return () => void all.delete(listener);
  }

  /**
   * Follows a thread from a place, such as that of the page of history that is shown: each message above it comes once and in order, also those
   * that this client sends and those that came while it was away.
   * @returns what ends it
   */
  follow(
    threadId: string,
    from: ThreadPlace,
    listener: FeedListener<Message> & { receipts?: (receipts: readonly Receipt[]) => void },
  ): () => void {
    const feed = new ThreadFeed<Message>(from, listener, async ({ after, revision }) => {
      const synced = await this.ask('sync', { threadId, after, revision, limit: SYNC_LIMIT });
      listener.receipts?.(synced.receipts);
      return synced;
    });
    const all = this.feeds.get(threadId) ?? new Set();
    this.feeds.set(threadId, all.add(feed));
    // Whatever came between the reading of the history and now.
    if (this.isOpen) void feed.catchUp();
    return () => {
      feed.close();
      all.delete(feed);
      if (all.size === 0) this.feeds.delete(threadId);
    };
  }

  /**
   * Sends a message, again and again under its `clientMessageId` until the shop has said yes or no. Messages of a thread leave one after the
   * other. Throws `ChatRefusal` where it has said no.
   */
  send(message: NewMessage): Promise<Answer<'message:send'>> {
    const before = this.sending.get(message.threadId) ?? Promise.resolve();
    const sent = before.then(() => this.sendInTheEnd(message));
    const settled = sent.catch(() => undefined);
    this.sending.set(message.threadId, settled);
    void settled.then(() => {
      if (this.sending.get(message.threadId) === settled) this.sending.delete(message.threadId);
    });
    return sent;
  }

  /** Asks once. Throws `ChatRefusal`: `unavailable` while there is no connection, `timeout` without an answer. */
  async ask<E extends keyof ChatCalls>(event: E, body: Ask<E>): Promise<Answer<E>> {
    if (!this.socket.connected) throw away();
    const answer: unknown = await this.socket
      .timeout(ANSWER_MS)
      .emitWithAck(event, body)
      .catch(() => {
        throw new ChatRefusal('timeout', 'No answer in time', true, undefined, {});
      });
    const { ok, error, ...rest } = answer as { ok: boolean; error?: Record<string, unknown> };
    // Its shape is the gateway's contract.
    if (ok) return rest as Answer<E>;
    throw refusalOf(error ?? {});
  }

  close(): void {
    this.become('ended');
    clearTimeout(this.renewal);
    clearTimeout(this.pause);
    for (const feeds of this.feeds.values()) for (const feed of feeds) feed.close();
    this.feeds.clear();
    this.socket.disconnect();
  }

  private async sendInTheEnd(message: NewMessage): Promise<Answer<'message:send'>> {
    for (let tries = 0; ; tries += 1) {
      await this.whenOpen();
      try {
        const answer = await this.ask('message:send', message);
        for (const feed of this.feeds.get(message.threadId) ?? []) feed.heard(answer.message);
        return answer;
      } catch (error) {
        if (!(error instanceof ChatRefusal) || !(error.retryable || error.code === 'rate_limited')) throw error;
        const pauseMs = Math.max((error.retryAfter ?? 0) * 1_000, pauseAfter(tries));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  private whenOpen(): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.on('state', (state) => {
        if (state === 'connecting') return;
        stop();
        if (state === 'open') resolve();
        else reject(away());
      });
      if (this.state === 'ended') {
        stop();
        reject(away());
      }
    });
  }

  private async giveToken(give: (auth: object) => void): Promise<void> {
    const token = await this.tokenNow();
    if (token !== undefined) give({ token });
  }

  private async tokenNow(): Promise<string | undefined> {
    const { isSpent } = this;
    try {
      const token = await this.options.accessToken(isSpent);
      if (token === undefined) this.close();
      else this.isSpent = false;
      return token;
    } catch {
      // The shop cannot be asked for one now.
      this.socket.disconnect();
      this.comeBack();
      return undefined;
    }
  }

  private opened(): void {
    this.failures = 0;
    this.become('open');
    for (const feeds of this.feeds.values()) for (const feed of feeds) void feed.catchUp();
    void this.renew();
  }

  /** Also learns how long the present token is good: by the shop's clock. */
  private async renew(): Promise<void> {
    clearTimeout(this.renewal);
    const { socket } = this;
    const token = await this.tokenNow();
    if (token === undefined || !socket.connected) return;
    const answer = await this.ask('auth', { token }).catch(() => undefined);
    const left = (answer?.expiresIn ?? 5) * 1_000;
    this.renewal = setTimeout(
      () => {
        this.isSpent = true;
        void this.renew();
      },
      Math.max(1_000, left - Math.min(RENEW_BEFORE_MS, left / 2)),
    );
  }

  private refused(code: string | undefined): void {
    this.become('connecting');
    if (code === 'unauthenticated') this.isSpent = true;
    // A connection that failed is tried again by socket.io itself.
    if (!this.socket.active) this.comeBack();
  }

  private lost(reason: Socket.DisconnectReason): void {
    clearTimeout(this.renewal);
    if (this.state === 'ended') return;
    this.become('connecting');
    // The token or the session has ended.
    if (reason === 'io server disconnect') {
      this.isSpent = true;
      this.comeBack();
    }
  }

  private comeBack(): void {
    if (this.state === 'ended') return;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.socket.connect(), pauseAfter(this.failures));
    this.failures += 1;
  }

  private heard<E extends keyof ChatNews>(event: E, news: ChatNews[E]): void {
    if (event === 'message' || event === 'message:changed') {
      // As in `ChatNews`.
      const message = news as Message;
      for (const feed of this.feeds.get(message.threadId) ?? []) {
        if (event === 'message') feed.heard(message);
        else feed.changed(message);
      }
    }
    for (const listener of this.listeners.get(event) ?? []) listener(news as never);
  }

  private become(state: ChatState): void {
    if (this.state === state || this.state === 'ended') return;
    this.state = state;
    this.heard('state', state);
  }
}

/** Clients that lost the same gateway do not come back in the same moment. */
const pauseAfter = (failures: number): number => Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + Math.random());
