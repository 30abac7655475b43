import { Injectable } from '@nestjs/common';
import { feedbackApi } from '#libs/contracts/feedback/api';
import type { FeedbackImage } from '#libs/contracts/feedback/views';
import { storageApi } from '#libs/contracts/storage/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';
import type { FeedbackRow } from './feedback-row.repository.ts';

/** Seconds that a link to a picture is good, for whoever has it. */
const SIGNED_SECONDS = 900;
/** Pictures of a piece of feedback never change: they are there, and then they are gone. */
const [KEPT, GONE] = [1, 2];

/** Pictures of feedback: files of the storage, which hears which are used. */
@Injectable()
export class Attachments {
  constructor(@InjectPeer(storageApi) private readonly storage: Peer<typeof storageApi>) {}

  /** Keeps these files of the user for this piece of feedback, for some minutes. Throws `feedback.image_unusable` for any that is no own picture made for feedback. */
  async claim(userId: string, fileIds: readonly string[], feedbackId: string): Promise<void> {
    if (fileIds.length === 0) return;
    const { unusable } = await this.storage.check({ userId, purpose: 'feedback', fileIds: [...fileIds], ref: feedbackId });
    if (unusable.length > 0) throw feedbackApi.refuse('feedback.image_unusable', 'These pictures cannot be used', { imageIds: unusable });
  }

  /** Keeps them for good. */
  hold(transaction: Transaction, { id, userId, images }: { id: string; userId: string; images: readonly string[] }): void {
    if (images.length === 0) return;
    transaction.publish(feedbackApi.events.filesUsed, { ref: id, userId, fileIds: [...images], shown: false, version: KEPT });
  }

  /** Lets go of them. */
  release(transaction: Transaction, { id, userId }: { id: string; userId: string }): void {
    transaction.publish(feedbackApi.events.filesUsed, { ref: id, userId, fileIds: [], shown: false, version: GONE });
  }

  /** Links by file id; none while the storage does not answer. */
  async signed(rows: readonly FeedbackRow[]): Promise<ReadonlyMap<string, FeedbackImage>> {
    const fileIds = rows.flatMap(({ image_ids }) => image_ids);
    if (fileIds.length === 0) return new Map();
    const { items } = await this.storage.sign({ fileIds, seconds: SIGNED_SECONDS }).catch(() => ({ items: [] }));
    return new Map(items.map(({ id, url }) => [id, { id, url }]));
  }
}
