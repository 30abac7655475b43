import { createHash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { StoreUnavailable } from './object-store.ts';

/** Without a byte for so long, a store that has begun to answer counts as away. */
const SILENCE_MS = 3_000;

/** Breaks off when the store gives nothing for a while. For readers that take what comes at once: one that pauses would pass for a silent store. */
export function inTime(bytes: Readable): Readable {
  const timer = setTimeout(() => bytes.destroy(new StoreUnavailable('the store has gone silent')), SILENCE_MS);
  bytes.on('data', () => timer.refresh()).once('close', () => clearTimeout(timer));
  return bytes;
}

/** Holds the last bytes back until all of them are what was stored: wrong ones never arrive as a whole. */
export function verified(bytes: Readable, hash: string): Readable {
  const digest = createHash('sha256');
  let last: Buffer | undefined;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      const before = last;
      last = chunk;
      done(null, before);
    },
    flush(done) {
      if (digest.digest('hex') === hash) done(null, last);
      else done(new StoreUnavailable('the store gives other bytes than it took'));
    },
  });
  bytes.once('error', (error) => check.destroy(new StoreUnavailable('the store broke off', { cause: error })));
  check.once('close', () => bytes.destroy());
  return bytes.pipe(check);
}
