import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { CouponRepository } from './coupon.repository.ts';

/** What this service has of somebody: coupons that name them, and what they used. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly coupons: CouponRepository) {}

  async exportOf({ userId }: ExportAsked): Promise<ExportPart> {
    return { content: JSON.stringify([await this.coupons.knownOf(userId)]), next: null };
  }
}
