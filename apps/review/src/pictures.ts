import { Injectable } from '@nestjs/common';
import { reviewApi } from '#libs/contracts/review/api';
import type { ReviewImage } from '#libs/contracts/review/views';
import { storageApi } from '#libs/contracts/storage/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';
import type { ReviewRow } from './review.ts';

/** Seconds that a picture of a review that is not approved can be opened by who may read the review. */
const SIGNED_SECONDS = 900;
/** Files that are signed in one question. */
const SIGNED_AT_ONCE = 500;

/** Pictures of reviews: files of storage, which hears which are used and whether they are shown. */
@Injectable()
export class Pictures {
  constructor(@InjectPeer(storageApi) private readonly storage: Peer<typeof storageApi>) {}

  /** The pictures of a review in its order. Throws `review.image_unusable` for any that is no own public picture made for reviews. */
  async usable(
    { id: ref, userId }: { id: string; userId: string },
    imageIds: readonly string[],
    kept: readonly ReviewImage[],
  ): Promise<ReviewImage[]> {
    const known = new Map(kept.map((image) => [image.id, image]));
    const fileIds = imageIds.filter((imageId) => !known.has(imageId));
    if (fileIds.length > 0) {
      const { files, unusable } = await this.storage.check({ userId, purpose: 'review', visibility: 'public', fileIds, ref });
      if (unusable.length > 0) throw reviewApi.refuse('review.image_unusable', 'These pictures cannot be used', { imageIds: unusable });
      for (const { id, url } of files) known.set(id, { id, url });
    }
    return imageIds.flatMap((imageId) => known.get(imageId) ?? []);
  }

  /** Tells storage which files a review uses now, where that or whether they are shown has changed. */
  tellUse(transaction: Transaction, before: ReviewRow | undefined, after: ReviewRow | undefined): void {
    const review = after ?? before;
    const userId = before?.user_id ?? after?.user_id;
    if (review === undefined || userId === undefined || userId === null) return;
    const fileIds = (after?.images ?? []).map(({ id }) => id);
    const shown = after?.status === 'approved';
    const hadFiles = (before?.images.length ?? 0) > 0;
    if (fileIds.length === 0 && !hadFiles) return;
    // Each change of the review's row counts up; its removal is one more.
    const version = review.files_version + (after === undefined ? 2 : 1);
    transaction.publish(reviewApi.events.filesUsed, { ref: review.id, userId, fileIds, shown, version });
  }

  /** The same reviews with addresses that open while they are not approved. Without storage the pictures stay closed. */
  async opened(rows: readonly ReviewRow[]): Promise<ReviewRow[]> {
    const closed = rows.filter(({ status }) => status !== 'approved').flatMap(({ images }) => images.map(({ id }) => id));
    if (closed.length === 0) return [...rows];
    const urls = new Map<string, string>();
    for (let from = 0; from < closed.length; from += SIGNED_AT_ONCE) {
      const { items } = await this.storage
        .sign({ fileIds: closed.slice(from, from + SIGNED_AT_ONCE), seconds: SIGNED_SECONDS })
        .catch(() => ({ items: [] }));
      for (const { id, url } of items) urls.set(id, url);
    }
    return rows.map((row) =>
      row.status === 'approved' ? row : { ...row, images: row.images.map(({ id, url }) => ({ id, url: urls.get(id) ?? url })) },
    );
  }
}
