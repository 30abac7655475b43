import { Optional, Paise, Text, Timestamp, Uuid } from '../fields.ts';

/** A referrer has a reward; without a code where it paid what was taken back before. */
export class Rewarded {
  @Uuid() userId!: string;
  @Uuid() referralId!: string;
  @Paise(1) amount!: number;
  @Optional() @Text(1, 40) couponCode?: string;
  @Optional() @Timestamp() endsAt?: string;
}
