import { Injectable } from '@nestjs/common';
import type { AccountErased } from '#libs/contracts/auth/messages';
import type { FilesUsed } from '#libs/contracts/storage/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { AccountRepository } from './account.repository.ts';
import { AnswerRepository } from './answer.repository.ts';
import { BlobRepository } from './blob.repository.ts';
import { FileRepository } from './file.repository.ts';
import { HolderRepository } from './holder.repository.ts';
import { UploadRepository } from './upload.repository.ts';

/** Rows of one statement; a user without a quota may have many files. */
const BATCH = 500;

@Injectable()
export class StorageReactions {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly answers: AnswerRepository,
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
    private readonly uploads: UploadRepository,
    private readonly holders: HolderRepository,
  ) {}

  async onProductFilesUsed(used: FilesUsed, { transaction }: TransactionalDelivery): Promise<void> {
    await this.holders.replace(transaction, 'product', used);
  }

  /** All of their files go, but for pictures that a product shows. */
  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    this.accounts.erase(transaction, userId);
    this.answers.removeAllOf(transaction, userId);
    await this.uploads.removeAllOf(transaction, userId);
    const gone = new Set<string>();
    for (;;) {
      const blobIds = await this.files.removeSomeOf(transaction, userId, BATCH);
      for (const id of blobIds) gone.add(id);
      if (blobIds.length < BATCH) break;
    }
    await this.blobs.dropUnused(transaction, [...gone]);
  }

  /** Pictures of a review are held while it has them, and seen by others while it is shown. */
  async onFeedbackFilesUsed(used: FilesUsed, { transaction }: TransactionalDelivery): Promise<void> {
    await this.holders.replace(transaction, 'feedback', used);
  }

  async onChatFilesUsed(used: FilesUsed, { transaction }: TransactionalDelivery): Promise<void> {
    await this.holders.replace(transaction, 'chat', used);
  }

  async onReviewFilesUsed(used: FilesUsed, { transaction }: TransactionalDelivery): Promise<void> {
    await this.holders.replace(transaction, 'review', used);
  }
}
