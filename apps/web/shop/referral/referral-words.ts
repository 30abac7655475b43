import type { Schemas } from '#libs/client/client';
import { rupees } from '../../parts/money.ts';

export type Stage = Schemas['Referral']['status'];
export type Offer = Schemas['WelcomeOffer'];

/** The way of a friend, as far as it goes by itself. */
export const STAGES: readonly Stage[] = ['joined', 'ordered', 'delivered', 'rewarded'];

export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  joined: 'Joined',
  ordered: 'Has ordered',
  delivered: 'Has the parcel',
  rewarded: 'Rewarded',
  capped: 'No more rewards',
  cancelled: 'No reward',
  held: 'Being checked',
};

export const REFUSAL_WORDS: Readonly<Record<string, string>> = {
  not_found: 'There is nobody with this code. Please look at it again.',
  'referral.not_valid': 'There is nobody with this code. Please look at it again.',
  'referral.self': 'This code is your own, or of somebody you share a phone number, mailbox or device with.',
  'referral.already_redeemed': 'You have said already who invited you. That can be said once.',
  'referral.not_new': 'Codes are for new customers who have not ordered yet.',
};

/** What a friend gets. */
export function offerWords({ kind, value, minSubtotal }: Offer): string {
  const off = kind === 'percent' ? `${value}% off` : kind === 'free_shipping' ? 'Free shipping on' : `${rupees(value)} off`;
  return `${off} your first order${minSubtotal === undefined ? '' : ` from ${rupees(minSubtotal)}`}`;
}
