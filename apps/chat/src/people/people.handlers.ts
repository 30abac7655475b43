import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { BlockedUserList, ChatSettings } from '#libs/contracts/chat/views';
import { notFound } from '#libs/contracts/errors';
import type { ByUser } from '#libs/contracts/page';
import { BlockRepository } from './block.repository.ts';
import { DELETED_USER, People, worksHere } from './people.ts';
import { UserRepository } from './user.repository.ts';

/** Whom somebody wants to hear nothing of, and what others see of them. */
@Injectable()
export class PeopleHandlers {
  constructor(
    private readonly blocked: BlockRepository,
    private readonly users: UserRepository,
    private readonly people: People,
  ) {}

  async blocks(_: object, call: Call): Promise<BlockedUserList> {
    const rows = await this.blocked.of(userOf(call).userId);
    const names = await this.people.names(rows.map(({ blocked_id }) => blocked_id));
    return {
      items: rows.map(({ blocked_id, created_at }) => ({
        userId: blocked_id,
        ...(names === undefined ? {} : { name: names.get(blocked_id) ?? DELETED_USER }),
        createdAt: created_at.toISOString(),
      })),
    };
  }

  async block({ userId }: ByUser, call: Call): Promise<void> {
    const me = userOf(call).userId;
    if (userId === me) throw chatApi.refuse('chat.cannot_block', 'You cannot block yourself');
    const other = await this.people.find(userId);
    if (other === undefined) throw notFound();
    if (worksHere(other)) throw chatApi.refuse('chat.cannot_block', 'Staff cannot be blocked');
    await this.blocked.add(me, userId);
  }

  async unblock({ userId }: ByUser, call: Call): Promise<void> {
    if (!(await this.blocked.remove(userOf(call).userId, userId)) && (await this.people.find(userId)) === undefined) throw notFound();
  }

  async settings(_: object, call: Call): Promise<ChatSettings> {
    const [known] = await this.users.of([userOf(call).userId]);
    return {
      readReceipts: known?.read_receipts ?? true,
      deliveryReceipts: known?.delivery_receipts ?? true,
      presence: known?.presence ?? true,
    };
  }

  async setSettings(settings: ChatSettings, call: Call): Promise<ChatSettings> {
    const { readReceipts, deliveryReceipts, presence } = settings;
    await this.users.setSettings(userOf(call).userId, settings);
    return { readReceipts, deliveryReceipts, presence };
  }
}
