import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

type Argument = string | Buffer | number;
/** What Redis answers: RESP 2. Bulk strings stay bytes. */
export type Reply = string | number | Buffer | null | Reply[];

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export interface WireOptions {
  /** `redis://user:password@host:port/database`; `?path=` names a Unix socket, which goes before host and port, as it does for ioredis. */
  readonly url: string;
  readonly onError: (error: Error) => void;
  /** Milliseconds without a word, while an answer is due, after which the connection is dead: a cut network sends no RST. */
  readonly silenceMs: number;
}

/** Redis refused a command. */
export class RedisRefusal extends Error {
  override readonly name = 'RedisRefusal';
}

const CONNECT_MS = 2_000;
const MAX_PAUSE_MS = 1_000;
const CR = 0x0d;

/**
 * A connection to Redis for the few commands of the bus. What one tick gives leaves in one write, and answers come in order; a general
 * client spends most of a message's price on what the bus does not need. While Redis is away commands fail at once; the connection comes
 * back by itself.
 */
export class Wire {
  private socket: Socket | undefined;
  private isReady = false;
  private isClosed = false;
  private tries = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Runs while an answer is due, from the last word on; the socket's own time-out begins anew with every write. */
  private silence: NodeJS.Timeout | undefined;
  private readonly due: Waiting[] = [];
  private first = 0;
  private readonly leaving: (string | Buffer)[] = [];
  private isLeaving = false;
  private rest: Buffer = Buffer.alloc(0);
  private readonly becameReady: (() => void)[] = [];

  constructor(private readonly options: WireOptions) {
    this.open();
  }

  get isConnected(): boolean {
    return this.isReady;
  }

  /** Resolves when the connection is usable, or rejects after `timeoutMs`. */
  whenReady(timeoutMs = 10_000): Promise<void> {
    if (this.isReady) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('Redis did not answer in time')), timeoutMs);
      this.becameReady.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** @throws RedisRefusal, or Error when Redis is away or the answer was lost with the connection. */
  send(...command: readonly Argument[]): Promise<Reply> {
    if (!this.isReady) return Promise.reject(new Error('Redis is not connected'));
    return this.write(command);
  }

  /** Commands whose answers are due fail. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.socket?.destroy();
  }

  private write(command: readonly Argument[]): Promise<Reply> {
    let text = `*${command.length}\r\n`;
    for (const argument of command) {
      if (argument instanceof Buffer) {
        this.leaving.push(`${text}$${argument.length}\r\n`, argument);
        text = '\r\n';
      } else {
        const word = String(argument);
        text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
      }
    }
    this.leaving.push(text);
    if (!this.isLeaving) {
      this.isLeaving = true;
      process.nextTick(() => this.leave());
    }
    return new Promise((resolve, reject) => this.due.push({ resolve, reject }));
  }

  private leave(): void {
    this.isLeaving = false;
    const { socket } = this;
    const parts = this.leaving.splice(0);
    if (socket === undefined || socket.destroyed || parts.length === 0) return;
    socket.write(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
    this.silence ??= setTimeout(() => this.socket?.destroy(new Error('Redis says nothing')), this.options.silenceMs).unref();
  }

  private open(): void {
    const url = new URL(this.options.url);
    const path = url.searchParams.get('path');
    const at = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 6379) };
    const socket =
      url.protocol === 'rediss:' ? connectTls({ ...at, servername: at.host }) : path === null ? connectPlain(at) : connectPlain({ path });
    this.socket = socket;
    socket.setNoDelay(true).setKeepAlive(true, 10_000).setTimeout(CONNECT_MS);
    socket.on(url.protocol === 'rediss:' ? 'secureConnect' : 'connect', () => void this.greet(url));
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('timeout', () => socket.destroy(new Error('Redis says nothing')));
    socket.on('error', this.options.onError);
    socket.on('close', () => this.lost());
  }

  private async greet(url: URL): Promise<void> {
    try {
      const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
      const database = Number(url.pathname.slice(1) || 0);
      await Promise.all([
        ...(password === '' ? [] : [this.write(user === '' ? ['AUTH', password] : ['AUTH', user, password])]),
        ...(database === 0 ? [] : [this.write(['SELECT', database])]),
        // The first answer shows that this server serves; one that loads or is a replica does not.
        this.write(['PING']),
      ]);
      this.tries = 0;
      this.isReady = true;
      this.socket?.setTimeout(0);
      for (const resolve of this.becameReady.splice(0)) resolve();
    } catch (error) {
      this.socket?.destroy(error as Error);
    }
  }

  private endSilence(): void {
    clearTimeout(this.silence);
    this.silence = undefined;
  }

  private lost(): void {
    this.isReady = false;
    this.endSilence();
    this.rest = Buffer.alloc(0);
    this.leaving.length = 0;
    const lost = this.due.splice(0).slice(this.first);
    this.first = 0;
    for (const { reject } of lost) reject(new Error('The connection to Redis is lost'));
    if (this.isClosed) return;
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), Math.min(50 * 2 ** Math.min(this.tries, 5), MAX_PAUSE_MS));
    this.timer.unref();
  }

  private read(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let at = 0;
    while (at < this.rest.length) {
      const parsed = parse(this.rest, at);
      if (parsed === undefined) break;
      at = parsed.end;
      this.answer(parsed.reply);
    }
    this.rest = at === this.rest.length ? Buffer.alloc(0) : this.rest.subarray(at);
    if (this.due.length > this.first) this.silence?.refresh();
    else this.endSilence();
  }

  private answer(reply: Reply | RedisRefusal): void {
    const waiting = this.due[this.first];
    this.first += 1;
    // Shifting a long queue for each answer would cost more than the answers.
    if (this.first === this.due.length || this.first > 1_000) {
      this.due.splice(0, this.first);
      this.first = 0;
    }
    if (reply instanceof RedisRefusal) {
      waiting?.reject(reply);
      // A replica that was the master, or a server that loads its data: another connection may find the master.
      if (/^(READONLY|LOADING|MASTERDOWN)/.test(reply.message)) this.socket?.destroy();
    } else waiting?.resolve(reply);
  }
}

interface Parsed {
  readonly reply: Reply | RedisRefusal;
  readonly end: number;
}

/** The reply that begins at `at`; undefined when not all of it is here. */
function parse(bytes: Buffer, at: number): Parsed | undefined {
  const lineEnd = bytes.indexOf(CR, at + 1);
  if (lineEnd < 0 || lineEnd + 1 >= bytes.length) return undefined;
  const line = bytes.toString('latin1', at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (bytes[at]) {
    case 0x2b: // +
      return { reply: line, end };
    case 0x2d: // -
      return { reply: new RedisRefusal(line), end };
    case 0x3a: // :
      return { reply: Number(line), end };
    case 0x24: {
      // $
      const length = Number(line);
      if (length < 0) return { reply: null, end };
      if (bytes.length < end + length + 2) return undefined;
      return { reply: bytes.subarray(end, end + length), end: end + length + 2 };
    }
    case 0x2a: {
      // *
      const count = Number(line);
      if (count < 0) return { reply: null, end };
      const items: Reply[] = [];
      let next = end;
      for (let index = 0; index < count; index += 1) {
        const item = parse(bytes, next);
        if (item === undefined) return undefined;
        items.push(item.reply as Reply);
        next = item.end;
      }
      return { reply: items, end: next };
    }
    default:
      throw new Error('Redis answered what is no RESP');
  }
}
