import type { BusClient } from './bus-client.ts';
import { replicasKey } from './keys.ts';

const BEAT_MS = 1_000;
const ALIVE_MS = 3_500;
const FORGET_MS = 60_000;

export interface Replica {
  readonly instance: string;
  /** `http://127.0.0.1:3002`, for bytes. */
  readonly url: string;
  /** Milliseconds on the bus clock. */
  readonly at: number;
  /** Its required connections are up. */
  readonly ready: boolean;
}

/** Tells the other processes that this one is here, and who else is. */
export class Presence {
  private timer: NodeJS.Timeout | undefined;
  private readonly known = new Map<string, { at: number; replicas: Replica[] }>();

  constructor(private readonly bus: BusClient) {}

  async start(url: string, isReady: () => boolean): Promise<void> {
    const beat = async (): Promise<void> => {
      const replica: Replica = { instance: this.bus.instance, url, at: this.bus.clock.now(), ready: isReady() };
      await this.bus.commands.hset(replicasKey(this.bus.service), this.bus.instance, JSON.stringify(replica)).catch(() => undefined);
    };
    this.timer = setInterval(() => void beat(), BEAT_MS);
    this.timer.unref();
    await beat();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    if (this.timer !== undefined) await this.bus.commands.hdel(replicasKey(this.bus.service), this.bus.instance).catch(() => undefined);
  }

  /** The living replicas of a service, at most a second old. Throws when Redis cannot be asked. */
  async replicasOf(service: string): Promise<readonly Replica[]> {
    const now = this.bus.clock.now();
    const cached = this.known.get(service);
    if (cached !== undefined && now - cached.at < BEAT_MS) return cached.replicas;
    const entries = await this.bus.commands.hgetall(replicasKey(service));
    const all = Object.values(entries).map((entry) => JSON.parse(entry) as Replica);
    const forgotten = all.filter((replica) => now - replica.at > FORGET_MS).map((replica) => replica.instance);
    if (forgotten.length > 0) this.bus.commands.hdel(replicasKey(service), ...forgotten).catch(() => undefined);
    const replicas = all.filter((replica) => now - replica.at < ALIVE_MS);
    this.known.set(service, { at: now, replicas });
    return replicas;
  }
}
