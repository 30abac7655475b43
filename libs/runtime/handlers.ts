import { Controller, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import {
  type AnyContract,
  type AnyEvent,
  type AnyOperation,
  type Delivery,
  goesOverHttp,
  type Handlers,
  type Reactions,
} from '#libs/contracts/contract';
import type { Transaction } from '#libs/persistence/transaction';

/** What the bus server finds beside a handler that Nest hands to it. */
export type HandlerExtras = (
  | { readonly operation: AnyOperation }
  | { readonly event: AnyEvent; readonly inbox: Inbox; readonly isBatched: boolean }
) &
  Place;

/** Where a pattern is handled, so that the bus can call it directly: Nest's way there runs guards, pipes and observables that nobody uses. */
interface Place {
  readonly handler: Type<object>;
  readonly method: string;
}

/** The handler's method, of its one instance. */
export function handlerAt({ handler, method }: Place, module: ModuleRef): (input: unknown, call: unknown) => Promise<unknown> {
  const instance = module.get<Record<string, (input: unknown, call: unknown) => Promise<unknown>>>(handler, { strict: false });
  return async (input, call) => instance[method]?.(input, call);
}

/**
 * `transaction`: the event is noted and its effect made in one transaction, which the reaction gets. `own`: the reaction keeps the event's
 * id beside its effect itself, because the effect is not in Postgres alone.
 */
export type Inbox = 'transaction' | 'own';

/** What a reaction to a list of events gets: their ids are noted in this transaction. */
export interface InTransaction {
  readonly transaction: Transaction;
}

export interface TransactionalDelivery extends Delivery, InTransaction {}

type AnyClass = Type<object>;
type All<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer I) => void ? I : never;
type InstancesOf<Classes extends readonly AnyClass[]> = All<InstanceType<Classes[number]>>;

/** Names the operations that no class handles, where the compiler shows it. */
type Covering<C extends AnyContract, Classes extends readonly AnyClass[]> =
  InstancesOf<Classes> extends Handlers<C> ? Classes : { readonly missingOrWrong: Exclude<keyof Handlers<C>, keyof InstancesOf<Classes>> };

/** The classes that handle a contract's operations, one method each and none missing, as Nest controllers. */
export function handlersOf<C extends AnyContract, const Classes extends readonly AnyClass[]>(
  contract: C,
  classes: Classes & Covering<C, Classes>,
): AnyClass[] {
  const handlers = [...(classes as readonly AnyClass[])];
  for (const [name, operation] of Object.entries(contract.operations)) {
    const handler = handlers.find((candidate) => name in candidate.prototype);
    if (handler === undefined) throw new Error(`no class handles ${operation.key}`);
    // Bytes are served over HTTP (`byte-routes.ts`), also by a class that handles nothing else.
    if (goesOverHttp(operation)) Controller()(handler);
    else register(operation.key, { operation, handler, method: name });
  }
  return handlers;
}

/** The class that reacts to the events naming this service, as a Nest controller. */
export function reactionsOf<const Subscriber extends string, C extends AnyContract, T extends AnyClass>(
  subscriber: Subscriber,
  publishers: readonly C[],
  reactions: T &
    (InstanceType<T> extends All<Reactions<Subscriber, C, TransactionalDelivery>>
      ? unknown
      : { readonly missingOrWrong: keyof All<Reactions<Subscriber, C, TransactionalDelivery>> }),
  inbox: Inbox = 'transaction',
): AnyClass[] {
  for (const publisher of publishers) {
    for (const [name, event] of Object.entries(publisher.events)) {
      if (!event.subscribers.includes(subscriber)) continue;
      const method = `on${capitalised(publisher.name)}${capitalised(name)}`;
      register(eventPattern(event), { event, inbox, isBatched: event.batched.includes(subscriber), handler: reactions, method });
    }
  }
  return [reactions];
}

export const eventPattern = (event: Pick<AnyEvent, 'key'>): string => `event ${event.key}`;

const taken = new WeakSet<object>();

function register(pattern: string, extras: HandlerExtras): void {
  const { handler, method } = extras;
  const descriptor = Object.getOwnPropertyDescriptor(handler.prototype, method);
  if (descriptor === undefined) throw new Error(`${handler.name} has no method ${method}`);
  // Nest keeps the pattern at the method, so a second one would take the place of the first, in one process of two services too.
  if (taken.has(descriptor.value)) throw new Error(`${handler.name}.${method} handles two patterns`);
  taken.add(descriptor.value);
  Controller()(handler);
  MessagePattern(pattern, extras)(handler.prototype, method, descriptor);
  // Without these Nest passes the first argument only.
  Payload()(handler.prototype, method, 0);
  Ctx()(handler.prototype, method, 1);
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
