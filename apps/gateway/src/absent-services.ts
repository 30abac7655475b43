import { Injectable } from '@nestjs/common';
import { Presence } from '#libs/messaging/presence';
import { Rounds } from '#libs/runtime/rounds';
import { builtServiceNames } from './gateway.contracts.ts';

const LOOK_MS = 500;
/** A Redis that was emptied has every process back after one beat; until then nobody is absent. */
const GRACE_MS = 1_300;

/** Services without a living replica. What is asked of them would wait for its whole deadline. */
@Injectable()
export class AbsentServices {
  /** When each was first not seen. */
  private readonly unseenSince = new Map<string, number>();
  private readonly looking = new Map<string, Promise<void>>();

  constructor(
    private readonly presence: Presence,
    rounds: Rounds,
  ) {
    rounds.every('gateway.presence', LOOK_MS, () => Promise.all(builtServiceNames.map((service) => this.look(service))));
  }

  /** From memory alone, because every request asks. */
  mayLack(service: string): boolean {
    const since = this.unseenSince.get(service);
    return since !== undefined && performance.now() - since >= GRACE_MS;
  }

  /** Looks again, for a replica that has come since. */
  async lacks(service: string): Promise<boolean> {
    await this.look(service);
    return this.mayLack(service);
  }

  private look(service: string): Promise<void> {
    const running = this.looking.get(service) ?? this.see(service).finally(() => this.looking.delete(service));
    this.looking.set(service, running);
    return running;
  }

  private async see(service: string): Promise<void> {
    try {
      const replicas = await this.presence.replicasOf(service);
      if (replicas.length > 0) this.unseenSince.delete(service);
      else if (!this.unseenSince.has(service)) this.unseenSince.set(service, performance.now());
    } catch {
      // Without Redis nothing is known of anybody; the call says so itself.
      this.unseenSince.delete(service);
    }
  }
}
