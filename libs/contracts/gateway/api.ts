import { contract, operation, signal } from '../contract.ts';
import { Means, Optional, Text } from '../fields.ts';
import { DeadLetterPage } from '../operations.ts';
import { ById, Nothing, PageQuery } from '../page.ts';
import { ProductRef } from '../product/catalogue.ts';
import { PresenceChanged, TypingTold } from './sockets.ts';
import { ComposedPage, SystemStatus } from './views.ts';

export class InboxFilter {
  @Means('An address or number, matched exactly.') @Optional() @Text(1, 254) to?: string;
}

/** What the gateway answers itself, from the state of all services. */
export const gatewayApi = contract('gateway', {
  operations: {
    status: operation({ summary: 'Which services are up', access: 'optional', http: 'GET /status', in: Nothing, out: SystemStatus }),
    productPage: operation({
      summary: "What a product's page shows: the product, its first reviews and related products",
      description: 'A part whose service is away is null.',
      access: 'public',
      http: 'GET /products/:id/page',
      in: ProductRef,
      out: ComposedPage,
      hot: true,
      timeoutMs: 4_000,
    }),
    deadLetters: operation({
      summary: 'Events that were given up, of all services',
      access: 'admin',
      http: 'GET /admin/dead-letters',
      in: PageQuery,
      out: DeadLetterPage,
      timeoutMs: 4_000,
    }),
    replayDeadLetter: operation({
      summary: 'Deliver a given-up event again',
      access: 'admin',
      http: 'POST /admin/dead-letters/:id/replay',
      in: ById,
    }),
    dropDeadLetter: operation({
      summary: 'Forget a given-up event',
      access: 'admin',
      http: 'DELETE /admin/dead-letters/:id',
      in: ById,
    }),
  },
  signals: {
    typing: signal({ summary: 'Somebody types in a thread, or has stopped', data: TypingTold }),
    presence: signal({ summary: 'Somebody has opened their first socket, or left their last', data: PresenceChanged }),
  },
});
