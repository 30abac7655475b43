import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ByUser } from '#libs/contracts/page';
import type { RedeemReferral } from '#libs/contracts/referral/api';
import type { Referral } from '#libs/contracts/referral/views';
import { Database } from '#libs/persistence/database';
import { madeBy, onceFor } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { DeviceHashes } from './device-hashes.ts';
import { MemberRepository } from './member.repository.ts';
import { Redemption } from './redemption.ts';
import { type ReferralEnv, referralEnv } from './referral.env.ts';
import { ReferralRepository } from './referral.repository.ts';
import { codeOf, referralOf } from './referral.ts';
import { Signups } from './signups.ts';
import { VisitRepository } from './visit.repository.ts';

/** Friends: join by a code, and see how their own referral stands. */
@Injectable()
export class RedeemHandlers {
  constructor(
    private readonly database: Database,
    private readonly redemption: Redemption,
    private readonly signups: Signups,
    private readonly referrals: ReferralRepository,
    private readonly members: MemberRepository,
    private readonly visits: VisitRepository,
    private readonly hashes: DeviceHashes,
    @InjectEnvironment(referralEnv) private readonly env: ReferralEnv,
  ) {}

  async redeem(input: RedeemReferral, call: Call): Promise<Referral> {
    const { userId } = userOf(call);
    if ((input.code === undefined) === (input.visitorId === undefined))
      throw invalid([{ path: '', message: 'needs either code or visitorId' }]);
    const known = await madeBy(this.database, call);
    if (known !== undefined) return this.read(known);
    await this.signups.finish(userId);
    const device = call.client?.device;
    const join = await this.redemption.ask({
      userId,
      referrerId: await this.referrerOf(input),
      at: new Date().toISOString(),
      deviceHashes: device === undefined ? [] : this.hashes.of(device),
      isSignup: false,
    });
    const id = uuidv7();
    return this.database.transaction((transaction) =>
      onceFor(transaction, call, id, {
        make: async () => referralOf(await this.redemption.keep(transaction, id, join)),
        read: (made) => this.read(made),
      }),
    );
  }

  async own({ userId }: ByUser): Promise<Referral> {
    const row = await this.referrals.ofReferee(userId);
    if (row === undefined) throw notFound();
    return referralOf(row);
  }

  private async read(id: string): Promise<Referral> {
    const row = await this.referrals.find(id);
    if (row === undefined) throw notFound();
    return referralOf(row);
  }

  private referrerOf({ code, visitorId }: RedeemReferral): Promise<string | undefined> {
    if (code !== undefined) return this.members.referrerOf(codeOf(code));
    return this.visits.referrerOf(visitorId ?? '', this.env.REFERRAL_TOUCH);
  }
}
