import type { BusClient } from './bus-client.ts';
import { replicasKey } from './keys.ts';

export const BEAT_MS = 1_000;
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
  /** What this process says of itself, once it is there and until it leaves. */
  private own: (() => Pick<Replica, 'url' | 'ready'>) | undefined;
  private readonly known = new Map<string, { at: number; replicas: Replica[] }>();

  constructor(private readonly bus: BusClient) {}

  async announce(url: string, isReady: () => boolean): Promise<void> {
    this.own = () => ({ url, ready: isReady() });
    await this.beat();
  }

  /** To be repeated every `BEAT_MS`. */
  async beat(): Promise<void> {
    if (this.own === undefined) return;
    const replica: Replica = { instance: this.bus.instance, at: this.bus.clock.now(), ...this.own() };
    await this.bus.commands.hset(replicasKey(this.bus.service), this.bus.instance, JSON.stringify(replica)).catch(() => undefined);
  }

  async leave(): Promise<void> {
    if (this.own === undefined) return;
    this.own = undefined;
    await this.bus.commands.hdel(replicasKey(this.bus.service), this.bus.instance).catch(() => undefined);
  }

  /** The living replicas of a service, at most a second old; a service that had none is asked about anew. Throws when Redis cannot be asked. */
  async replicasOf(service: string): Promise<readonly Replica[]> {
    const now = this.bus.clock.now();
    const cached = this.known.get(service);
    if (cached !== undefined && cached.replicas.length > 0 && now - cached.at < BEAT_MS) return cached.replicas;
    const entries = await this.bus.commands.hgetall(replicasKey(service));
    const all = Object.values(entries).map((entry) => JSON.parse(entry) as Replica);
    const forgotten = all.filter((replica) => now - replica.at > FORGET_MS).map((replica) => replica.instance);
    if (forgotten.length > 0) this.bus.commands.hdel(replicasKey(service), ...forgotten).catch(() => undefined);
    const replicas = all.filter((replica) => now - replica.at < ALIVE_MS);
    this.known.set(service, { at: now, replicas });
    return replicas;
  }
}
