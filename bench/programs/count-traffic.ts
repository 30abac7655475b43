/**
 * Loaded into every process of a shop that is counted (`--import`): counts what the process sends to Postgres, by what it writes to its
 * sockets, and keeps the sums in `<BENCH_COUNTS>/<pid>.json`. Statements are Execute and Query messages, BEGIN and COMMIT included; a flight
 * is what ends with one Sync.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const folder = process.env.BENCH_COUNTS ?? '';
const counts = { statements: 0, flights: 0 };
const STARTUP = 0x0003_0000;
const SSL_REQUEST = 80_877_103;

/** Follows the messages of one connection to Postgres, however they are cut into pieces. */
class Follower {
  private rest: Buffer = Buffer.alloc(0);
  private isPostgres: boolean | undefined;
  private hasStarted = false;

  see(piece: Buffer): void {
    if (this.isPostgres === false) return;
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    if (!this.hasStarted && !this.start()) return;
    // A message is a letter, its length without the letter, and its content.
    while (this.rest.length >= 5) {
      const length = 1 + this.rest.readUInt32BE(1);
      if (this.rest.length < length) return;
      const letter = String.fromCharCode(this.rest[0] ?? 0);
      if (letter === 'E' || letter === 'Q') counts.statements += 1;
      if (letter === 'S' || letter === 'Q') counts.flights += 1;
      this.rest = this.rest.subarray(length);
    }
  }

  /** A connection begins with messages that have no letter. */
  private start(): boolean {
    if (this.rest.length < 8) return false;
    const code = this.rest.readUInt32BE(4);
    this.isPostgres = code === STARTUP || code === SSL_REQUEST;
    if (!this.isPostgres) {
      this.rest = Buffer.alloc(0);
      return false;
    }
    const length = this.rest.readUInt32BE(0);
    if (this.rest.length < length) return false;
    this.rest = this.rest.subarray(length);
    this.hasStarted = code === STARTUP;
    return this.hasStarted;
  }
}

const connect = Socket.prototype.connect as (...args: unknown[]) => Socket;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  // First, for `connect` gives the socket its own `write` back.
  const socket = connect.apply(this, args);
  const follower = new Follower();
  const write = socket.write as (...args: unknown[]) => boolean;
  socket.write = (...written: unknown[]): boolean => {
    const [piece] = written;
    if (typeof piece === 'string') follower.see(Buffer.from(piece));
    else if (piece instanceof Uint8Array) follower.see(Buffer.from(piece));
    return write.apply(socket, written);
  };
  return socket;
} as typeof Socket.prototype.connect;

// Threads of the process are loaded with this too, and talk to no database.
if (isMainThread) {
  setInterval(() => {
    const file = join(folder, `${process.pid}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(counts));
    renameSync(`${file}.new`, file);
  }, 100).unref();
}
