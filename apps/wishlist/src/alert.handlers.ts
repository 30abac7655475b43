import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound, Refusal } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import type { Card } from '#libs/contracts/product/messages';
import { type CreateAlert, type ListAlerts, wishlistApi } from '#libs/contracts/wishlist/api';
import type { ByAlert, StillHolds } from '#libs/contracts/wishlist/messages';
import { type AlertPage, type CreatedAlert, MAX_WAITING_ALERTS } from '#libs/contracts/wishlist/views';
import { Database } from '#libs/persistence/database';
import { madeBy, onceFor } from '#libs/persistence/idempotency';
import type { Queries } from '#libs/persistence/queries';
import type { Transaction } from '#libs/persistence/transaction';
import { type AlertAbout, AlertRepository, type AlertRow, alertOf, type WantedAlert } from './alert.repository.ts';
import { Catalogue } from './catalogue.ts';
import { WisherRepository } from './wisher.repository.ts';

type Made = { readonly alert: AlertRow; readonly added: boolean };

@Injectable()
export class AlertHandlers {
  constructor(
    private readonly database: Database,
    private readonly wishers: WisherRepository,
    private readonly rows: AlertRepository,
    private readonly catalogue: Catalogue,
  ) {}

  async alerts({ status, limit, cursor }: ListAlerts, call: Call): Promise<AlertPage> {
    const { items, nextCursor } = await this.rows.page(userOf(call).userId, { status, limit, cursor });
    return { items: items.map(alertOf), nextCursor };
  }

  async createAlert(input: CreateAlert, call: Call): Promise<CreatedAlert> {
    requireFields(input);
    const { userId } = userOf(call);
    // Before the card is judged, which may have changed since the first of them.
    const before = await madeBy(this.database, call);
    if (before !== undefined) {
      const { alert, added } = await this.known(this.database, before, userId, { ...input, variantId: input.variantId ?? null });
      return { ...alertOf(alert), added };
    }
    const card = await this.catalogue.card(input);
    if (card === undefined) throw notFound();
    const wanted = wantedOf(input, card);
    const made = await this.database.transaction(async (tx) => {
      await this.wishers.takeTurn(tx, userId);
      const id = uuidv7();
      return onceFor(tx, call, id, {
        make: () => this.make(tx, id, userId, wanted),
        read: (known) => this.known(tx, known, userId, wanted),
      });
    });
    const alert = await this.checkedAgain(made, input, wanted);
    return { ...alertOf(alert), added: made.added };
  }

  async removeAlert({ id }: ById, call: Call): Promise<void> {
    if (!(await this.rows.remove(id, userOf(call).userId))) throw notFound();
  }

  async stillHolds({ alertId }: ByAlert): Promise<StillHolds> {
    const alert = await this.rows.tellable(alertId);
    const card =
      alert &&
      (await this.catalogue.card({ productId: alert.product_id, ...(alert.variant_id === null ? {} : { variantId: alert.variant_id }) }));
    if (alert === undefined || card === undefined) return { holds: false };
    const { name: product, price, availability } = card;
    const holds = alert.target_price === null ? availability !== 'out_of_stock' : price <= alert.target_price;
    return holds ? { holds, product, price } : { holds };
  }

  private async make(tx: Transaction, id: string, userId: string, wanted: WantedAlert): Promise<Made> {
    const like = await this.rows.waitingLike(tx, userId, wanted);
    if (like === undefined) {
      const alert = await this.rows.insert(tx, id, userId, wanted);
      if (alert === undefined) throw wishlistApi.refuse('wishlist.too_many_alerts', `At most ${MAX_WAITING_ALERTS} alerts wait`);
      return { alert, added: true };
    }
    const isSame = like.target_price === wanted.targetPrice;
    return { alert: (isSame ? undefined : await this.rows.retarget(tx, like.id, wanted)) ?? like, added: false };
  }

  private async known(queries: Queries, id: string, userId: string, wanted: AlertAbout): Promise<Made> {
    const made = await this.rows.find(id, queries);
    const alert = made ?? (await this.rows.waitingLike(queries, userId, wanted));
    if (alert === undefined) throw notFound();
    return { alert, added: made !== undefined };
  }

  /** What changed between the card and the alert was told before the alert was there to hear it. */
  private async checkedAgain({ alert, added }: Made, ref: CreateAlert, wanted: WantedAlert): Promise<AlertRow> {
    const now = await this.catalogue.card(ref).catch((error: unknown) => {
      if (error instanceof Refusal && error.retryable) return 'unknown' as const;
      throw error;
    });
    if (now === 'unknown') return alert;
    if (now === undefined) {
      if (added) await this.rows.removeWaiting(alert.id);
      throw notFound();
    }
    if (wanted.targetPrice === null && now.availability !== 'out_of_stock' && added && (await this.rows.removeWaiting(alert.id)))
      throw onSale();
    if (wanted.targetPrice !== null && now.priceVersion > wanted.priceVersion) await this.observe(ref, now);
    return (await this.rows.checked(alert.id)) ?? alert;
  }

  private async observe({ productId, variantId }: CreateAlert, { price, priceVersion: version }: Card): Promise<void> {
    await this.database.transaction((tx) => this.rows.observePrice(tx, { productId, price, version }, variantId ?? null));
  }
}

function requireFields({ kind, variantId, targetPrice }: CreateAlert): void {
  if (kind !== 'back_in_stock') return;
  if (variantId === undefined) throw invalid([{ path: 'variantId', message: 'must be given for back_in_stock' }]);
  if (targetPrice !== undefined) throw invalid([{ path: 'targetPrice', message: 'is for price_drop alone' }]);
}

/** @throws what keeps it from waiting: it has come already */
function wantedOf({ kind, productId, variantId, targetPrice }: CreateAlert, card: Card): WantedAlert {
  const { price, priceVersion } = card;
  const about = { kind, productId, variantId: variantId ?? null, priceVersion };
  if (kind === 'back_in_stock') {
    if (card.availability !== 'out_of_stock') throw onSale();
    return { ...about, targetPrice: null };
  }
  const target = targetPrice ?? price - 1;
  // No price is below 0.
  if (target < 1 || price <= target) throw wishlistApi.refuse('wishlist.price_reached', 'The price is there already');
  return { ...about, targetPrice: target };
}

const onSale = (): Refusal => wishlistApi.refuse('wishlist.in_stock', 'It can be bought now');
