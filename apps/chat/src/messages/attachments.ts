import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import type { Attachment, AttachmentLink } from '#libs/contracts/chat/views';
import { invalid, notFound } from '#libs/contracts/errors';
import { storageApi } from '#libs/contracts/storage/api';
import { PURPOSES } from '#libs/contracts/storage/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';

const SIGNED_SECONDS = 300;
/** Files of a message never change: they are there, and then they are gone. */
const [KEPT, GONE] = [1, 2];

/** Files of messages: the storage hears which are used, and opens them to whom this service lets in. */
@Injectable()
export class Attachments {
  constructor(@InjectPeer(storageApi) private readonly storage: Peer<typeof storageApi>) {}

  /** Keeps these files of the user for the message, for some minutes, and says what they are. */
  async claim(userId: string, fileIds: readonly string[], messageId: string): Promise<Attachment[]> {
    const { files, unusable } = await this.storage.check({ userId, purpose: 'chat', fileIds: [...fileIds], ref: messageId });
    if (unusable.length > 0) throw (await this.areForAnother(userId, unusable, messageId)) ? forAnother() : notFound();
    const byId = new Map(files.map((file) => [file.id, file]));
    return fileIds.map((id) => {
      const file = byId.get(id);
      if (file === undefined) throw notFound();
      const { name = 'file', mime, size, width, height } = file;
      return { fileId: id, name, mime, size, ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
    });
  }

  hold(transaction: Transaction, { id, userId, fileIds }: { id: string; userId: string; fileIds: readonly string[] }): void {
    transaction.publish(chatApi.events.filesUsed, { ref: id, userId, fileIds: [...fileIds], shown: false, version: KEPT });
  }

  release(transaction: Transaction, id: string, userId: string): void {
    transaction.publish(chatApi.events.filesUsed, { ref: id, userId, fileIds: [], shown: false, version: GONE });
  }

  async link(fileId: string): Promise<AttachmentLink> {
    const { items } = await this.storage.sign({ fileIds: [fileId], seconds: SIGNED_SECONDS });
    const [signed] = items;
    if (signed === undefined) throw notFound();
    return { url: signed.url, expiresIn: SIGNED_SECONDS };
  }

  /** Own files, made for something else than a chat. Asked together with an id that no file has, so that none of them is kept. */
  private async areForAnother(userId: string, fileIds: readonly string[], messageId: string): Promise<boolean> {
    const others = PURPOSES.filter((purpose) => purpose !== 'chat');
    const answers = await Promise.all(
      others.map((purpose) => this.storage.check({ userId, purpose, fileIds: [...fileIds, messageId], ref: messageId })),
    );
    const known = new Set(answers.flatMap(({ files }) => files.map(({ id }) => id)));
    return fileIds.every((id) => known.has(id));
  }
}

const forAnother = () => invalid([{ path: 'attachments', message: 'must be files of purpose chat' }]);
