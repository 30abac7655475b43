import type { BusClient } from './bus-client.ts';
import { replicasKey } from './keys.ts';
import { parseReplica, type Replica } from './replica.ts';

export const BEAT_MS = 1_000;
const ALIVE_MS = 3_500;
const FORGET_MS = 60_000;
const TIDY_EVERY_BEATS = 60;

/**
 * Tells the other processes that this one is here, and who else is. Entries are signed: whoever reaches Redis without the bus secret can
 * neither make up a replica, to be sent what is meant for a service, nor make the reader stumble.
 */
export class Presence {
  /** What this process says of itself, once it is there and until it leaves. */
  private own: (() => Pick<Replica, 'url' | 'ready'>) | undefined;
  private beats = 0;
  private readonly known = new Map<string, { at: number; replicas: readonly Replica[] }>();
  private readonly asked = new Map<string, Promise<readonly Replica[]>>();

  constructor(private readonly bus: BusClient) {}

  async announce(url: string, isReady: () => boolean): Promise<void> {
    this.own = () => ({ url, ready: isReady() });
    this.bus.isAway = (service) => this.isAway(service);
    await this.beat();
  }

  /** To be repeated every `BEAT_MS`. */
  async beat(): Promise<void> {
    if (this.own === undefined) return;
    const { service, instance, commands, seals, clock } = this.bus;
    const replica: Replica = { instance, at: clock.now(), ...this.own() };
    const key = replicasKey(service);
    await commands.hset(key, instance, seals.seal(placeOf(service, instance), JSON.stringify(replica))).catch(() => undefined);
    if (this.beats % TIDY_EVERY_BEATS === 0) await this.forgetDead().catch(() => undefined);
    this.beats += 1;
  }

  async leave(): Promise<void> {
    if (this.own === undefined) return;
    this.own = undefined;
    await this.bus.commands.hdel(replicasKey(this.bus.service), this.bus.instance).catch(() => undefined);
  }

  /** The living replicas of a service, at most a second old; a service that had none is asked about anew. Throws when Redis cannot be asked. */
  async replicasOf(service: string): Promise<readonly Replica[]> {
    const cached = this.known.get(service);
    if (cached !== undefined && cached.replicas.length > 0 && this.bus.clock.now() - cached.at < BEAT_MS) return cached.replicas;
    const running = this.asked.get(service);
    if (running !== undefined) return running;
    const asking = this.ask(service).finally(() => this.asked.delete(service));
    this.asked.set(service, asking);
    return asking;
  }

  /** Whether nobody of the service was there when last looked, within two seconds. Looks again beside it, so it costs the asker nothing. */
  private isAway(service: string): boolean {
    this.replicasOf(service).catch(() => undefined);
    const cached = this.known.get(service);
    return cached !== undefined && cached.replicas.length === 0 && this.bus.clock.now() - cached.at < 2 * BEAT_MS;
  }

  private async ask(service: string): Promise<readonly Replica[]> {
    const now = this.bus.clock.now();
    const replicas = (await this.entriesOf(service)).filter(({ at }) => now - at < ALIVE_MS);
    this.known.set(service, { at: now, replicas });
    return replicas;
  }

  /** What does not come from us is passed over. */
  private async entriesOf(service: string): Promise<Replica[]> {
    const entries = await this.bus.commands.hgetall(replicasKey(service));
    return Object.entries(entries).flatMap(([instance, sealed]) => {
      const content = this.bus.seals.open(placeOf(service, instance), sealed);
      const replica = content === undefined ? undefined : parseReplica(content);
      return replica === undefined ? [] : [replica];
    });
  }

  /** Entries of processes of this service that died without leaving. */
  private async forgetDead(): Promise<void> {
    const now = this.bus.clock.now();
    const dead = (await this.entriesOf(this.bus.service)).filter(({ at }) => now - at > FORGET_MS).map(({ instance }) => instance);
    if (dead.length > 0) await this.bus.commands.hdel(replicasKey(this.bus.service), ...dead);
  }
}

const placeOf = (service: string, instance: string): string => `replica ${instance} of ${service}`;
