import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { Rounds } from '#libs/runtime/rounds';
import { AlertRepository, type AlertRow, MAX_CHECKED } from './alert.repository.ts';
import { Catalogue } from './catalogue.ts';
import { refOf, type WishedFor } from './wishlist.ts';

const ROUND_MS = 30_000;

/** Asks product again about alerts whose maker could not, for product was away or their process ended. */
@Injectable()
export class AlertChecks {
  constructor(
    private readonly database: Database,
    private readonly rows: AlertRepository,
    private readonly catalogue: Catalogue,
    rounds: Rounds,
  ) {
    rounds.every('wishlist.alert_checks', ROUND_MS, () => this.checkDue());
  }

  async checkDue(): Promise<void> {
    let due: AlertRow[];
    do {
      due = await this.rows.claimUnchecked();
      const cards = await this.catalogue.cards(due.map(aboutOf));
      for (const alert of due) {
        const card = cards.get(refOf(aboutOf(alert)));
        await this.database.transaction(async (tx) => {
          const { product_id: productId, variant_id: variantId } = alert;
          if (card === undefined) this.rows.end(tx, productId, variantId ?? undefined);
          else if (alert.kind === 'price_drop')
            await this.rows.observePrice(tx, { productId, price: card.price, version: card.priceVersion }, variantId);
          await this.rows.checked(alert.id, tx);
        });
      }
    } while (due.length === MAX_CHECKED);
  }
}

const aboutOf = ({ product_id: productId, variant_id: variantId }: AlertRow): WishedFor => ({
  productId,
  ...(variantId === null ? {} : { variantId }),
});
