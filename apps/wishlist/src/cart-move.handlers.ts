import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import type { Cart } from '#libs/contracts/cart/views';
import { notFound, Refusal } from '#libs/contracts/errors';
import { type MoveWishToCart, wishlistApi } from '#libs/contracts/wishlist/api';
import { Database } from '#libs/persistence/database';
import { keyOf, recall } from '#libs/persistence/idempotency';
import { type CartMove, CartMoveRepository } from './cart-move.repository.ts';
import { CartMoves, Leaving } from './cart-moves.ts';
import { Catalogue } from './catalogue.ts';
import { EntryRepository } from './entry.repository.ts';
import { WisherRepository } from './wisher.repository.ts';
import { type EntryRow, refOf } from './wishlist.ts';

type Wanted = Pick<CartMove, 'entryId' | 'userId' | 'variantId' | 'quantity'>;

@Injectable()
export class CartMoveHandlers {
  constructor(
    private readonly database: Database,
    private readonly wishers: WisherRepository,
    private readonly entries: EntryRepository,
    private readonly catalogue: Catalogue,
    private readonly moves: CartMoveRepository,
    private readonly carrying: CartMoves,
  ) {}

  async moveToCart(input: MoveWishToCart, call: Call): Promise<Cart> {
    const { userId } = userOf(call);
    const { quantity } = input;
    const key = keyOf(call);
    const entry = await this.entries.own(this.database, userId, input);
    if (entry === undefined) {
      const known = key && (await recall(this.database, key));
      if (known === undefined) throw notFound();
      // The cart has taken it, so it takes nothing now, whatever the variant.
      return this.carrying.taken({ entryId: known, userId, variantId: known, quantity });
    }
    const variantId = await this.variantFor(entry, input.variantId);
    const { move, isFirst } = await this.begun({ entryId: entry.id, userId, variantId, quantity }, input, call);
    const cart = await this.carrying.carry(move).catch((error: unknown) => {
      // The variant was withdrawn after product had shown it.
      throw error instanceof Refusal && error.code === 'not_found' ? unavailable() : error;
    });
    // Whoever met the move may have ended it, and it is still the move of whoever began it.
    const isOwn = isFirst || (key !== undefined && (await recall(this.database, key)) === entry.id);
    if (!isOwn) throw notFound();
    return cart;
  }

  /** Two requests for the same share one move; one for something else waits until the other's is over. */
  private begun(wanted: Wanted, input: MoveWishToCart, call: Call): Promise<{ move: CartMove; isFirst: boolean }> {
    const { entryId, userId, variantId, quantity } = wanted;
    return this.carrying.unlessLeaving(() =>
      this.database.transaction(async (tx) => {
        await this.wishers.takeTurn(tx, userId);
        if ((await this.entries.own(tx, userId, input)) === undefined) throw notFound();
        const underWay = await this.moves.join(entryId, tx);
        if (underWay === undefined) return { move: await this.moves.begin(tx, wanted, keyOf(call)), isFirst: true };
        if (underWay.variantId !== variantId || underWay.quantity !== quantity) throw new Leaving([entryId]);
        return { move: underWay, isFirst: false };
      }),
    );
  }

  private async variantFor({ product_id: productId, variant_id: own }: EntryRow, asked: string | undefined): Promise<string> {
    const variantId = asked ?? own;
    if (variantId === null) throw wishlistApi.refuse('wishlist.variant_required', 'Say which size and colour');
    const wish = { productId, variantId };
    const cards = await this.catalogue.cards([wish, { productId }]);
    const isKnown = cards.has(refOf(wish));
    if (own !== null && variantId !== own) {
      if (isKnown) throw wishlistApi.refuse('wishlist.variant_mismatch', 'The entry is of another size or colour');
      throw notFound();
    }
    if (isKnown) return variantId;
    if (own !== null || !cards.has(refOf({ productId }))) throw unavailable();
    throw notFound();
  }
}

const unavailable = (): Refusal => wishlistApi.refuse('wishlist.unavailable', 'It is not sold any more');
