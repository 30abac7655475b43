import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { CATEGORIES, type Category } from '#libs/contracts/notification/views';
import { LinkKeyRepository } from './link-key.repository.ts';

const MAC_BYTES = 16;
const ID_BYTES = 16;

export interface Subscription {
  readonly userId: string;
  readonly category: Category;
}

/** The tokens of unsubscribe links: good for ever, so their key is the shop's own and never changes. */
@Injectable()
export class UnsubscribeLinks implements OnApplicationBootstrap {
  private key = '';

  constructor(private readonly keys: LinkKeyRepository) {}

  async onApplicationBootstrap(): Promise<void> {
    this.key = await this.keys.ensure('unsubscribe', randomBytes(32).toString('base64url'));
  }

  tokenFor({ userId, category }: Subscription): string {
    const content = Buffer.concat([Buffer.from(userId.replaceAll('-', ''), 'hex'), Buffer.from([CATEGORIES.indexOf(category)])]);
    return Buffer.concat([this.mac(content), content]).toString('base64url');
  }

  /** Undefined for a forged one. */
  open(token: string): Subscription | undefined {
    const bytes = Buffer.from(token, 'base64url');
    const content = bytes.subarray(MAC_BYTES);
    const category = CATEGORIES[content[ID_BYTES] ?? CATEGORIES.length];
    if (content.length !== ID_BYTES + 1 || category === undefined || bytes.toString('base64url') !== token) return undefined;
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(content))) return undefined;
    const id = content.toString('hex', 0, ID_BYTES);
    return { userId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), category };
  }

  private mac(content: Buffer): Buffer {
    if (this.key === '') throw refuse('unavailable');
    return createHmac('sha256', this.key).update(content).digest().subarray(0, MAC_BYTES);
  }
}
