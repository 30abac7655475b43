import { Injectable } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import type { AnyOperation, Lane } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { builtServiceNames } from './gateway.contracts.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { openBreakers, shedRequests } from './gateway.metrics.ts';

type Forward = [operation: AnyOperation, body: Uint8Array, forwarded: Forwarded];
type Breaker = CircuitBreaker<Forward, Buffer>;

const LANES: readonly Lane[] = ['checkout', 'browse'];
const SHED_REASONS = ['breaker', 'full'];

/**
 * One breaker for each service and lane: a service that is down costs its callers nothing but a 503 at once, a slow one cannot hold
 * more than its share of requests, and browsing cannot use up what checkout needs.
 */
@Injectable()
export class Upstreams {
  private readonly breakers = new Map<string, Breaker>();

  constructor(
    private readonly bus: BusClient,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
  ) {
    for (const service of builtServiceNames) {
      for (const lane of LANES) openBreakers.set({ service, lane }, 0);
      for (const reason of SHED_REASONS) shedRequests.inc({ service, reason }, 0);
    }
  }

  async forward(operation: AnyOperation, body: Uint8Array, forwarded: Forwarded): Promise<Buffer> {
    const { service, lane } = operation;
    try {
      return await this.breakerFor(service, lane).fire(operation, body, forwarded);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // opossum's own errors.
      throw this.shed(service, (error as { code?: unknown }).code === 'ESEMLOCKED' ? 'full' : 'breaker');
    }
  }

  /** Services whose breaker is open now. */
  get broken(): readonly string[] {
    return [...this.breakers].filter(([, breaker]) => breaker.opened).map(([name]) => name.slice(0, name.indexOf(' ')));
  }

  private shed(service: string, reason: string): Refusal {
    shedRequests.inc({ service, reason });
    return refuse('unavailable', `${service} is not available right now`);
  }

  private breakerFor(service: string, lane: Lane): Breaker {
    const name = `${service} ${lane}`;
    const known = this.breakers.get(name);
    if (known !== undefined) return known;
    const breaker: Breaker = new CircuitBreaker(
      (operation: AnyOperation, body: Uint8Array, forwarded: Forwarded) => this.bus.forward(operation, body, forwarded),
      {
        name,
        timeout: false,
        capacity: this.env.GATEWAY_IN_FLIGHT,
        volumeThreshold: 20,
        errorThresholdPercentage: 60,
        resetTimeout: 1_000,
        rollingCountTimeout: 5_000,
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
        // Refusals are answers; only silence says that the service is unwell.
        errorFilter: (error: unknown) => error instanceof Refusal && !error.retryable,
      },
    );
    this.breakers.set(name, breaker);
    breaker.on('open', () => openBreakers.set({ service, lane }, 1));
    breaker.on('close', () => openBreakers.set({ service, lane }, 0));
    return breaker;
  }
}
