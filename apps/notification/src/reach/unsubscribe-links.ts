import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { CATEGORIES, type Category } from '#libs/contracts/notification/views';
import { LinkKeyRepository } from './link-key.repository.ts';

const MAC_BYTES = 16;
const ID_BYTES = 16;

/** To the mails of a category, or to all news of a piece of feedback. */
export type Subscription = { readonly userId: string } & (
  | { readonly category: Category; readonly feedbackId?: undefined }
  | { readonly feedbackId: string; readonly category?: undefined }
);

/** The tokens of unsubscribe links: good for ever, so their key is the shop's own and never changes. */
@Injectable()
export class UnsubscribeLinks implements OnApplicationBootstrap {
  private key = '';

  constructor(private readonly keys: LinkKeyRepository) {}

  async onApplicationBootstrap(): Promise<void> {
    this.key = await this.keys.ensure('unsubscribe', randomBytes(32).toString('base64url'));
  }

  tokenFor({ userId, category, feedbackId }: Subscription): string {
    const about = category === undefined ? bytesOf(feedbackId) : Buffer.from([CATEGORIES.indexOf(category)]);
    const content = Buffer.concat([bytesOf(userId), about]);
    return Buffer.concat([this.mac(content), content]).toString('base64url');
  }

  /** Undefined for a forged one. */
  open(token: string): Subscription | undefined {
    const bytes = Buffer.from(token, 'base64url');
    const content = bytes.subarray(MAC_BYTES);
    if (content.length <= ID_BYTES || bytes.toString('base64url') !== token) return undefined;
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(content))) return undefined;
    const userId = idOf(content.subarray(0, ID_BYTES));
    // The length says what it is about; both are signed.
    if (content.length === 2 * ID_BYTES) return { userId, feedbackId: idOf(content.subarray(ID_BYTES)) };
    const category = CATEGORIES[content[ID_BYTES] ?? CATEGORIES.length];
    return content.length !== ID_BYTES + 1 || category === undefined ? undefined : { userId, category };
  }

  private mac(content: Buffer): Buffer {
    if (this.key === '') throw refuse('unavailable');
    return createHmac('sha256', this.key).update(content).digest().subarray(0, MAC_BYTES);
  }
}

const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const idOf = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
