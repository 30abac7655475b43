import { contract, event, operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Code, Day, Means, OneOf, Optional, Pattern, Uuid, Words } from '../fields.ts';
import { ById, ByUser, PageQuery } from '../page.ts';
import { Rewarded } from './messages.ts';
import {
  FriendPage,
  HOLD_STATUSES,
  type HoldStatus,
  Referral,
  ReferralAnalytics,
  ReferralCode,
  ReferralCodeVerdict,
  ReferralHold,
  ReferralHoldPage,
  ReferralStats,
  RewardPage,
} from './views.ts';

/** Days that an analysis spans at most. */
export const MAX_ANALYSED_DAYS = 366;

const GivenCode = (): PropertyDecorator => Code(1, 40);
const VisitorId = (): PropertyDecorator => Pattern(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16 to 64 letters, digits, hyphens and underscores');

export class CheckReferralCode {
  @Means('Letter case, spaces and hyphens do not count.') @GivenCode() code!: string;
}

export class NoteVisit extends CheckReferralCode {
  @Means('Made by the client, and kept by it.') @VisitorId() visitorId!: string;
}

export class RedeemReferral {
  @Means('Letter case, spaces and hyphens do not count.') @Optional() @GivenCode() code?: string;
  @Means("In place of a code: that of this visitor's visit.") @Optional() @VisitorId() visitorId?: string;
}

export class OwnReferralPage extends PageQuery {
  @Uuid() userId!: string;
}

export class AnalyseReferrals {
  @Means('The first day; without it 30 days to the last.') @Optional() @Day() from?: string;
  @Means('The last day; without it today.') @Optional() @Day() to?: string;
}

export class ReferralHoldFilter extends PageQuery {
  @Optional() @OneOf(HOLD_STATUSES) status?: HoldStatus;
}

export class DecideHold extends ById {
  @OneOf(['approve', 'reject']) decision!: 'approve' | 'reject';
  @Means('Why.') @Words(1, 500) note!: string;
}

export const referralApi = contract('referral', {
  operations: {
    generate: operation({
      summary: 'The own code, made at the first call and the same for ever',
      access: 'user',
      http: 'GET /referrals/user/:userId/generate',
      in: ByUser,
      out: ReferralCode,
    }),
    validate: operation({
      summary: 'Whose code this is and what it gives, or that it is not valid',
      access: 'public',
      http: 'GET /referrals/validate/:code',
      in: CheckReferralCode,
      out: ReferralCodeVerdict,
    }),
    visit: operation({
      summary: 'Note that somebody came by a link',
      description: 'One a code and visitor counts. The answer is the same for a code that nobody has.',
      access: 'public',
      http: 'POST /referrals/visits',
      in: NoteVisit,
    }),
    redeem: operation({
      summary: 'Say by whom one was invited',
      description: 'Once for life, by a new customer.',
      oneOf: [['code'], ['visitorId']],
      access: 'user',
      http: 'POST /referrals/redeem',
      in: RedeemReferral,
      out: Referral,
      status: 201,
      timeoutMs: 4_000,
      errors: {
        'referral.not_valid': 'not_found',
        'referral.self': 'conflict',
        'referral.already_redeemed': 'conflict',
        'referral.not_new': 'conflict',
      },
    }),
    own: operation({
      summary: 'The referral by which the caller came',
      access: 'user',
      http: 'GET /referrals/user/:userId/referral',
      in: ByUser,
      out: Referral,
    }),
    stats: operation({
      summary: 'What came of the own code',
      access: 'user',
      http: 'GET /referrals/user/:userId/stats',
      in: ByUser,
      out: ReferralStats,
    }),
    friends: operation({
      summary: 'Friends who came by the own code, newest first, and how far each is',
      access: 'user',
      http: 'GET /referrals/user/:userId/friends',
      in: OwnReferralPage,
      out: FriendPage,
    }),
    rewards: operation({
      summary: 'Rewards and reversals, newest first',
      access: 'user',
      http: 'GET /referrals/user/:userId/rewards',
      in: OwnReferralPage,
      out: RewardPage,
    }),
    analytics: operation({
      summary: 'Visits, friends and rewards by day',
      description: 'A day has the referrals that joined on it, by their present status, and its own visits and entries.',
      access: 'admin',
      http: 'GET /referrals/analytics',
      in: AnalyseReferrals,
      out: ReferralAnalytics,
      timeoutMs: 5_000,
    }),
    holds: operation({
      summary: 'Referrals that were held to be looked at, oldest first',
      access: 'admin',
      http: 'GET /referrals/holds',
      in: ReferralHoldFilter,
      out: ReferralHoldPage,
    }),
    decide: operation({
      summary: 'Let a held referral go on, or end it',
      access: 'admin',
      http: 'POST /referrals/holds/:id/decide',
      in: DecideHold,
      out: ReferralHold,
      status: 200,
      errors: { 'referral.already_decided': 'conflict' },
    }),
    exportOf: exportOperation('The referral code of a user, friends and rewards, for that archive'),
  },
  events: {
    rewarded: event({ summary: 'A referrer has a reward', version: 1, data: Rewarded, subscribers: ['notification'] }),
  },
});
