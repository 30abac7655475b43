import { Inject } from '@nestjs/common';
import type { AnswerOf, AnyContract, AnyOperation, InputOf } from '#libs/contracts/contract';
import { Refusal } from '#libs/contracts/errors';
import type { BusClient } from './bus-client.ts';

type CalledBy<O extends AnyOperation> = (input: InputOf<O>) => Promise<AnswerOf<O>>;

/** Another service, called like a local object: `await this.product.quote({ variantIds })`. */
export type Peer<C extends AnyContract> = {
  readonly [K in keyof C['operations'] as C['operations'][K]['access'] extends 'internal' | 'public' ? K : never]: CalledBy<
    C['operations'][K]
  >;
};

export const peerToken = (contract: AnyContract): string => `peer:${contract.name}`;

/** Nest cannot inject a type alias, so a peer is asked for by its contract. */
export const InjectPeer = (contract: AnyContract): ParameterDecorator => Inject(peerToken(contract));

/** Codes that say that this service called wrongly; to our own caller they are a fault of ours. */
const OUR_FAULT = new Set(['validation_failed', 'malformed', 'unauthenticated', 'forbidden']);

export function createPeer<C extends AnyContract>(contract: C, bus: BusClient): Peer<C> {
  const methods = Object.entries(contract.operations).map(([name, operation]) => [
    name,
    async (input: never) => {
      try {
        return await bus.call(operation, input);
      } catch (error) {
        if (error instanceof Refusal && OUR_FAULT.has(error.code)) throw new Error(`${operation.key} refused our call: ${error.message}`);
        throw error;
      }
    },
  ]);
  // The methods answer what the contract says: the other side's writer lets nothing else leave.
  return Object.fromEntries(methods) as Peer<C>;
}
