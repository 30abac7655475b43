import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import type { Cart } from '#libs/contracts/cart/views';
import { Refusal, refuse } from '#libs/contracts/errors';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Logger } from '#libs/observability/logger';
import { backoff } from '#libs/persistence/claim';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { type CartMove, CartMoveRepository } from './cart-move.repository.ts';
import { cartMoves } from './wishlist.metrics.ts';

const ROUND_MS = 2_000;
const MAX_TRIES = 5;
const PAUSE = { baseSeconds: 2, maxSeconds: 60 };

/**
 * Brings an entry to the cart: the move is written down, the cart takes it once by the entry's id, then the entry goes. Whoever comes in between
 * asks the cart the same again, and a round does where nobody is left; so it is in both for a moment, and in the end in one of them.
 */
@Injectable()
export class CartMoves {
  constructor(
    private readonly moves: CartMoveRepository,
    @InjectPeer(cartApi) private readonly cart: Peer<typeof cartApi>,
    @InjectLogger() private readonly logger: Logger,
    rounds: Rounds,
  ) {
    rounds.every('wishlist.cart_moves', ROUND_MS, () => this.resume());
  }

  /** @throws the cart's refusal, after which the entry stays; what says nothing of the outcome leaves the move to the round */
  async carry(move: CartMove): Promise<Cart> {
    try {
      const cart = await this.taken(move);
      if (await this.moves.finish(move)) cartMoves.inc({ outcome: 'moved' });
      return cart;
    } catch (error) {
      if (isRefused(error)) {
        await this.moves.giveUp(move);
        cartMoves.inc({ outcome: 'refused' });
      }
      throw error;
    }
  }

  /** Adds nothing where the cart has taken it before. */
  taken({ entryId, userId, variantId, quantity }: Pick<CartMove, 'entryId' | 'userId' | 'variantId' | 'quantity'>): Promise<Cart> {
    return this.cart.take({ userId, variantId, quantity, takeId: entryId });
  }

  /** Waits for the end of a move under way, be it that the cart takes the entry or refuses it. */
  private async settle(entryId: string): Promise<void> {
    const move = await this.moves.join(entryId);
    if (move === undefined) return;
    await this.carry(move).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
    });
  }

  /** @throws Leaving when one of these entries is on its way; the transaction is undone, and `unlessLeaving` repeats it afterwards */
  async requireNone(tx: Transaction, entryId: string): Promise<void> {
    if ((await this.moves.find(tx, entryId)) !== undefined) throw new Leaving([entryId]);
  }

  async requireNoneIn(tx: Transaction, collectionId: string): Promise<void> {
    const entryIds = await this.moves.ofList(tx, collectionId);
    if (entryIds.length > 0) throw new Leaving(entryIds);
  }

  /** What changes an entry and its way to the cart come one after the other: `work` is repeated when the moves that it met are over. */
  async unlessLeaving<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Leaving)) throw error;
        for (const entryId of error.entryIds) await this.settle(entryId);
      }
    }
    throw refuse('unavailable');
  }

  async resume(): Promise<void> {
    for (const move of await this.moves.due()) {
      try {
        await this.carry(move);
        cartMoves.inc({ outcome: 'resumed' });
      } catch (error) {
        if (isRefused(error)) continue;
        this.logger.warn({ entryId: move.entryId, err: error }, 'wishlist.cart_move_waits');
        await this.moves.tryLater(move.entryId, backoff(move.tries, PAUSE));
      }
    }
  }
}

/** These entries are on their way to the cart. */
export class Leaving extends Error {
  constructor(readonly entryIds: readonly string[]) {
    super('on its way to the cart');
  }
}

/** The cart has said no. Anything else, a fault of the cart too, leaves open whether it took it. */
const isRefused = (error: unknown): boolean => error instanceof Refusal && !error.retryable && error.kind !== 'internal';
