import { Injectable } from '@nestjs/common';
import { Refusal } from '#libs/contracts/errors';
import { productApi } from '#libs/contracts/product/api';
import type { Card } from '#libs/contracts/product/messages';
import { within } from '#libs/contracts/time-limit';
import type { Item } from '#libs/contracts/wishlist/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { EntryRepository } from './entry.repository.ts';
import { type EntryRow, isOutdated, itemOf, refOf, type WishedFor, wishOf } from './wishlist.ts';

/** Milliseconds that a list waits for its cards. */
const CARDS_MS = 1_000;

/** What product says of entries as of now. */
@Injectable()
export class Catalogue {
  constructor(
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    private readonly entries: EntryRepository,
  ) {}

  /** By reference (`refOf`); what is unknown or withdrawn is missing. @throws unavailable */
  async cards(refs: readonly WishedFor[]): Promise<ReadonlyMap<string, Card>> {
    if (refs.length === 0) return new Map();
    const asked = refs.map(({ productId, variantId }) => ({ productId, ...(variantId === undefined ? {} : { variantId }) }));
    const { items } = await this.product.cards({ refs: asked });
    return new Map(items.map((card) => [refOf(card), card]));
  }

  async card(ref: WishedFor): Promise<Card | undefined> {
    return (await this.cards([ref])).get(refOf(ref));
  }

  /** Entries as their reader sees them. A catalogue that is away or slow leaves prices unknown. */
  async shown(entries: readonly EntryRow[], isOwner: boolean): Promise<Item[]> {
    const cards = await within(CARDS_MS, this.cards(entries.map(wishOf)), () => undefined).catch((error: unknown) => {
      if (error instanceof Refusal && error.retryable) return undefined;
      throw error;
    });
    if (cards === undefined) return entries.map((entry) => itemOf(entry, 'unknown', isOwner));
    const shown = entries.map((entry) => ({ entry, card: cards.get(refOf(wishOf(entry))) }));
    const outdated = shown.flatMap(({ entry, card }) => (card !== undefined && isOutdated(entry, card) ? [{ id: entry.id, card }] : []));
    if (outdated.length > 0) await this.entries.renew(outdated);
    return shown.map(({ entry, card }) => itemOf(entry, card, isOwner));
  }
}
