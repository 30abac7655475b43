import { Injectable } from '@nestjs/common';
import { Access } from '#libs/auth/access';
import type { AnyOperation } from '#libs/contracts/contract';
import { type Handlers } from '#libs/contracts/contract';
import { gatewayApi } from '#libs/contracts/gateway/api';
import { writeOutput } from '#libs/contracts/shape';
import { BusClient, type Forwarded } from '#libs/messaging/bus-client';
import { runInRequest } from '#libs/observability/context';
import { outcomeOf, Serving } from '#libs/runtime/serving';
import { DeadLetterHandlers } from './dead-letter.handlers.ts';
import type { LocalCall } from './local-call.ts';
import { ProductPageHandlers } from './product-page.handlers.ts';
import { StatusHandlers } from './status.handlers.ts';

type LocalHandler = (input: never, call: LocalCall) => Promise<unknown>;

/** The operations that the gateway answers itself, checked like those of a service. */
@Injectable()
export class LocalOperations {
  private readonly serving: Serving;
  private readonly handlers: Readonly<Record<string, LocalHandler>>;

  constructor(
    private readonly bus: BusClient,
    access: Access,
    status: StatusHandlers,
    letters: DeadLetterHandlers,
    pages: ProductPageHandlers,
  ) {
    this.serving = new Serving(access, undefined);
    const handlers: { readonly [K in keyof Handlers<typeof gatewayApi>]: LocalHandler } = {
      status: (input, call) => status.status(input, call),
      productPage: (input, call) => pages.productPage(input, call),
      deadLetters: (input, call) => letters.deadLetters(input, call),
      replayDeadLetter: (input, call) => letters.replayDeadLetter(input, call),
      dropDeadLetter: (input, call) => letters.dropDeadLetter(input, call),
    };
    this.handlers = handlers;
  }

  async run(operation: AnyOperation, body: Buffer, forwarded: Forwarded): Promise<Buffer> {
    const name = operation.key.slice(operation.key.indexOf('.') + 1);
    const header = this.bus.headerOf(operation, forwarded);
    return runInRequest({ requestId: header.requestId, deadline: header.deadline }, async () => {
      try {
        const { input, call } = await this.serving.admit(operation, header, body);
        const value = await this.handlers[name]?.(input as never, { ...call, forwarded });
        return Buffer.from(operation.out === undefined ? '' : writeOutput(operation.out, value));
      } catch (error) {
        throw outcomeOf(error, operation);
      }
    });
  }
}
