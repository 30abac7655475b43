import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { DeadLetterPage } from '#libs/contracts/operations';
import type { ById, PageQuery } from '#libs/contracts/page';
import { BusClient } from '#libs/messaging/bus-client';
import { DeadLetters } from '#libs/persistence/dead-letters';

/** Handles the events of a service that a subscriber kept refusing, for an admin. A class for each service: Nest keeps a method's pattern at its class. */
export function deadLetterHandlers() {
  @Injectable()
  class DeadLetterHandlers {
    constructor(
      private readonly letters: DeadLetters,
      private readonly bus: BusClient,
    ) {}

    async deadLetters({ limit, cursor }: PageQuery, _call: Call): Promise<DeadLetterPage> {
      const { items, nextCursor } = await this.letters.list(limit, cursor);
      return {
        items: items.map(({ id, subscriber, event, attempts, error, createdAt }) => ({
          id,
          service: this.bus.service,
          subscriber,
          event,
          attempts,
          error,
          createdAt: createdAt.toISOString(),
        })),
        nextCursor,
      };
    }

    async replayDeadLetter({ id }: ById, _call: Call): Promise<void> {
      if (!(await this.letters.replay(id))) throw notFound();
    }

    async dropDeadLetter({ id }: ById, _call: Call): Promise<void> {
      if (!(await this.letters.drop(id))) throw notFound();
    }
  }
  return DeadLetterHandlers;
}
