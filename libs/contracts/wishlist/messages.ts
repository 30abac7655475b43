import { Flag, Nullable, OneOf, Optional, Paise, Text, Timestamp, Uuid, Whole } from '../fields.ts';
import { ALERT_KINDS, type AlertKind } from './views.ts';

/** Somebody wishes for a product that was in none of their lists. */
export class Wished {
  @Uuid() userId!: string;
  @Uuid() productId!: string;
  @Timestamp() at!: string;
}

export class AlertHit {
  @Uuid() alertId!: string;
  @Uuid() userId!: string;
  @OneOf(ALERT_KINDS) kind!: AlertKind;
  @Uuid() productId!: string;
  @Nullable() @Uuid() variantId!: string | null;
  @Paise() price!: number;
  /** Counts the times that this alert was told. */
  @Whole(1, 1_000_000_000) hit!: number;
}

export class ByAlert {
  @Uuid() alertId!: string;
}

export class StillHolds {
  @Flag() holds!: boolean;
  /** The product's name and price as of now; absent where it does not hold. */
  @Optional() @Text(1, 200) product?: string;
  @Optional() @Paise() price?: number;
}
