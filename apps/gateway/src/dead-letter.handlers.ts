import { Injectable } from '@nestjs/common';
import type { AnyOperation } from '#libs/contracts/contract';
import { notFound, Refusal } from '#libs/contracts/errors';
import type { DeadLetter, DeadLetterPage } from '#libs/contracts/operations';
import { operationsOf } from '#libs/contracts/operations';
import type { ById, PageQuery } from '#libs/contracts/page';
import { BusClient } from '#libs/messaging/bus-client';
import { publisherNames } from './gateway.contracts.ts';
import type { LocalCall } from './local-call.ts';

/** Given-up events of all services as one list: the services are asked in turn, so a page's cursor names the one to go on with. */
@Injectable()
export class DeadLetterHandlers {
  constructor(private readonly bus: BusClient) {}

  async deadLetters({ limit, cursor }: PageQuery, call: LocalCall): Promise<DeadLetterPage> {
    const items: DeadLetter[] = [];
    let [service, inner] = cursor === undefined ? [publisherNames[0], undefined] : split(cursor);
    while (service !== undefined && items.length < limit) {
      const page = await this.ask<DeadLetterPage>(operationsOf(service).operations.deadLetters, call, {
        limit: String(limit - items.length),
        ...(inner === undefined ? {} : { cursor: inner }),
      });
      items.push(...page.items);
      inner = page.nextCursor ?? undefined;
      if (inner === undefined) service = publisherNames[publisherNames.indexOf(service) + 1];
    }
    return { items, nextCursor: service === undefined ? null : `${service}.${inner ?? ''}` };
  }

  replayDeadLetter({ id }: ById, call: LocalCall): Promise<void> {
    return this.atItsService(id, call, 'replayDeadLetter');
  }

  dropDeadLetter({ id }: ById, call: LocalCall): Promise<void> {
    return this.atItsService(id, call, 'dropDeadLetter');
  }

  private async atItsService(id: string, call: LocalCall, name: 'replayDeadLetter' | 'dropDeadLetter'): Promise<void> {
    for (const service of publisherNames) {
      try {
        await this.ask(operationsOf(service).operations[name], call, {}, { id });
        return;
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'not_found') throw error;
      }
    }
    throw notFound();
  }

  private async ask<T>(
    operation: AnyOperation,
    call: LocalCall,
    query: Record<string, string>,
    path: Record<string, string> = {},
  ): Promise<T> {
    const bytes = await this.bus.forward(operation, '', { ...call.forwarded, query, path });
    return (bytes.length === 0 ? undefined : JSON.parse(bytes.toString())) as T;
  }
}

function split(cursor: string): [string | undefined, string | undefined] {
  const dot = cursor.indexOf('.');
  const service = publisherNames.find((name) => name === cursor.slice(0, dot));
  const inner = cursor.slice(dot + 1);
  if (service === undefined)
    throw new Refusal('validation_failed', 'bad_request', 'cursor: is not a cursor of this list', {
      errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
    });
  return [service, inner === '' ? undefined : inner];
}
