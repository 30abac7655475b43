/** Paise. */
export interface ShippingRule {
  readonly fee: number;
  readonly freeFrom: number;
}

/** The fee for goods worth `sumOfLineTotals` paise; nothing to ship costs nothing. */
export const shippingFee = (sumOfLineTotals: number, { fee, freeFrom }: ShippingRule): number =>
  sumOfLineTotals === 0 || sumOfLineTotals >= freeFrom ? 0 : fee;
