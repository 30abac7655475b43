import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { PurchaseRepository } from './purchase.repository.ts';
import { ReviewRepository } from './review.repository.ts';
import { ownReview } from './review.ts';
import { VoiceRepository } from './voice.repository.ts';

const REVIEWS_A_PAGE = 100;

/** What this service has of somebody. */
@Injectable()
export class ExportHandlers {
  constructor(
    private readonly reviews: ReviewRepository,
    private readonly voices: VoiceRepository,
    private readonly purchases: PurchaseRepository,
  ) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const { items, nextCursor } = await this.reviews.ofUser(userId, REVIEWS_A_PAGE, cursor);
    const written = await Promise.all(
      items.map(async (row) => ({ ...ownReview(row), formerVersions: await this.reviews.versions(row.id) })),
    );
    const rest = cursor === undefined ? [{ ...(await this.voices.ofUser(userId)), purchases: await this.purchases.ofUser(userId) }] : [];
    return { content: JSON.stringify([...rest, ...written]), next: nextCursor };
  }
}
