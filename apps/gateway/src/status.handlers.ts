import { Injectable } from '@nestjs/common';
import { type Call, isStaff } from '#libs/contracts/call';
import type { Health, SystemStatus } from '#libs/contracts/gateway/views';

import { Presence } from '#libs/messaging/presence';
import type { Replica } from '#libs/messaging/replica';
import { builtServiceNames } from './gateway.contracts.ts';
import { Upstreams } from './upstreams.ts';

/** The state of the whole system, from what each replica says of itself. */
@Injectable()
export class StatusHandlers {
  constructor(
    private readonly presence: Presence,
    private readonly upstreams: Upstreams,
  ) {}

  async status(_input: object, call: Call): Promise<SystemStatus> {
    const replicas = Object.fromEntries(
      await Promise.all(builtServiceNames.map(async (name) => [name, await this.replicasOf(name)] as const)),
    );
    const { broken } = this.upstreams;
    const services = Object.fromEntries(Object.entries(replicas).map(([name, known]) => [name, healthOf(known, broken.includes(name))]));
    const healths = Object.values(services);
    return {
      status: healths.every((health) => health === 'up') ? 'up' : healths.every((health) => health === 'down') ? 'down' : 'degraded',
      services,
      ...(isStaff(call.actor)
        ? { replicas: Object.fromEntries(Object.entries(replicas).map(([name, known]) => [name, known.length])) }
        : {}),
    };
  }

  private async replicasOf(service: string): Promise<readonly Replica[]> {
    try {
      return await this.presence.replicasOf(service);
    } catch {
      return [];
    }
  }
}

function healthOf(replicas: readonly Replica[], isBroken: boolean): Health {
  if (replicas.length === 0) return 'down';
  return isBroken || replicas.some((replica) => !replica.ready) ? 'degraded' : 'up';
}
