import type { Redis } from 'ioredis';
import { redisSeconds } from '#libs/observability/metrics';

/**
 * Deadlines, envelope ages and token times are read on Redis' clock: a machine whose own clock is ten minutes off
 * neither refuses every token nor serves work that nobody waits for.
 */
export class BusClock {
  private offset = 0;

  constructor(private readonly redis: Redis) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offset;
  }

  async start(): Promise<void> {
    this.redis.on('ready', () => void this.read());
    await this.read();
  }

  /** To be repeated: clocks drift apart. */
  async read(): Promise<void> {
    const before = Date.now();
    const ended = redisSeconds.startTimer();
    try {
      const [seconds, microseconds] = await this.redis.time();
      ended({ outcome: 'ok' });
      const halfway = (before + Date.now()) / 2;
      this.offset = Math.round(Number(seconds) * 1_000 + Number(microseconds) / 1_000 - halfway);
    } catch {
      ended({ outcome: 'failed' });
      // The last offset stands until Redis is back; `ready` reads again.
    }
  }
}
