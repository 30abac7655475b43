import { Injectable } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import type { AnyOperation, Lane } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';

type Forward = [operation: AnyOperation, body: Uint8Array, forwarded: Forwarded];

/**
 * One breaker for each service and lane: a service that is down costs its callers nothing but a 503 at once, a slow one cannot hold
 * more than its share of requests, and browsing cannot use up what checkout needs.
 */
@Injectable()
export class Upstreams {
  private readonly breakers = new Map<string, CircuitBreaker<Forward, Buffer>>();

  constructor(
    private readonly bus: BusClient,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
  ) {}

  async forward(operation: AnyOperation, body: Uint8Array, forwarded: Forwarded): Promise<Buffer> {
    try {
      return await this.breakerFor(operation.service, operation.lane).fire(operation, body, forwarded);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // opossum's own errors: EOPENBREAKER, ESEMLOCKED.
      throw refuse('unavailable', `${operation.service} is not available right now`);
    }
  }

  /** Services whose breaker is open now. */
  get broken(): readonly string[] {
    return [...this.breakers].filter(([, breaker]) => breaker.opened).map(([name]) => name.slice(0, name.indexOf(' ')));
  }

  private breakerFor(service: string, lane: Lane): CircuitBreaker<Forward, Buffer> {
    const name = `${service} ${lane}`;
    let breaker = this.breakers.get(name);
    if (breaker === undefined) {
      breaker = new CircuitBreaker(
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
          // Refusals are answers; only silence says that the service is unwell.
          errorFilter: (error: unknown) => error instanceof Refusal && !error.retryable,
        },
      );
      this.breakers.set(name, breaker);
    }
    return breaker;
  }
}
