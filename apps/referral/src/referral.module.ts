import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { referralApi } from '#libs/contracts/referral/api';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/referral.migrations.ts';
import { retention } from '../migrations/referral.retention.ts';
import { AnalysisHandlers } from './analysis.handlers.ts';
import { AnalysisRepository } from './analysis.repository.ts';
import { CodeHandlers } from './code.handlers.ts';
import { CouponTasks } from './coupon-tasks.ts';
import { DeviceRepository } from './device.repository.ts';
import { DeviceHashes } from './device-hashes.ts';
import { DeviceWatch } from './device-watch.ts';
import { Doubts } from './doubts.ts';
import { ErasureRepository } from './erasure.repository.ts';
import { HoldHandlers } from './hold.handlers.ts';
import { HoldRepository } from './hold.repository.ts';
import { LedgerRepository } from './ledger.repository.ts';
import { MemberRepository } from './member.repository.ts';
import { OrderRepository } from './order.repository.ts';
import { OrderTasks } from './order-tasks.ts';
import { People } from './people.ts';
import { Progress } from './progress.ts';
import { RedeemHandlers } from './redeem.handlers.ts';
import { Redemption } from './redemption.ts';
import { referralEnv } from './referral.env.ts';
import { ReferralReactions } from './referral.reactions.ts';
import { ReferralRepository } from './referral.repository.ts';
import { RewardCouponRepository } from './reward-coupon.repository.ts';
import { Rewards } from './rewards.ts';
import { Signups } from './signups.ts';
import { StandingHandlers } from './standing.handlers.ts';
import { StandingRepository } from './standing.repository.ts';
import { TaskRepository } from './task.repository.ts';
import { Tasks } from './tasks.ts';
import { VisitRepository } from './visit.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: referralApi, peers: [authApi, couponApi, orderApi, paymentApi], migrations, retention })],
  controllers: [
    ...handlersOf(referralApi, [CodeHandlers, RedeemHandlers, StandingHandlers, AnalysisHandlers, HoldHandlers]),
    ...reactionsOf('referral', [authApi, orderApi], ReferralReactions),
  ],
  providers: [
    provideEnvironment(referralEnv),
    AnalysisRepository,
    CouponTasks,
    DeviceHashes,
    DeviceRepository,
    DeviceWatch,
    Doubts,
    ErasureRepository,
    HoldRepository,
    LedgerRepository,
    MemberRepository,
    OrderRepository,
    OrderTasks,
    People,
    Progress,
    Redemption,
    ReferralRepository,
    RewardCouponRepository,
    Rewards,
    Signups,
    StandingRepository,
    TaskRepository,
    Tasks,
    VisitRepository,
  ],
})
export class ReferralModule {}
