import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { BlockRepository } from '../people/block.repository.ts';
import { UserRepository } from '../people/user.repository.ts';
import { asMember, type OwnRoom, type Room, type User } from './thread-access.ts';
import type { ThreadRow } from './thread-row.ts';

const DAY_MS = 86_400_000;

/** Who may write in a thread now. */
@Injectable()
export class Floor {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly blocks: BlockRepository,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
  ) {}

  /** @throws chat.not_claimed, chat.peer_gone, chat.blocked, chat.muted, chat.thread_closed */
  async check(room: Room, user: User, queries: Queries = this.database): Promise<OwnRoom> {
    const own = asMember(room, user);
    const { thread, members } = room;
    const userIds = members.map(({ user_id }) => user_id);
    const known = new Map((await this.users.of(userIds, queries)).map((each) => [each.user_id, each]));
    const peers = userIds.filter((id) => id !== user.userId && (thread.kind === 'direct' || id === thread.customer_id));
    if (peers.some((id) => known.get(id)?.erased_at)) throw chatApi.refuse('chat.peer_gone', 'The other account is gone');
    await this.refuseSilenced(room, user, queries);
    if (thread.status === 'closed' && !(own.me.role === 'customer' && this.isReopenable(thread)))
      throw chatApi.refuse('chat.thread_closed', 'The thread is closed');
    return own;
  }

  /** In direct threads: who was blocked, or is muted. @throws chat.blocked, chat.muted */
  async refuseSilenced({ thread, members }: Room, { userId }: User, queries: Queries = this.database): Promise<void> {
    if (thread.kind !== 'direct') return;
    const peers = members.map(({ user_id }) => user_id).filter((id) => id !== userId);
    await this.refuseBlocked(userId, peers, queries);
    const [known] = await this.users.of([userId], queries);
    if (known?.muted_until)
      throw chatApi.refuse('chat.muted', 'You may not write here for a while', { until: known.muted_until.toISOString() });
  }

  async refuseBlocked(userId: string, peers: readonly string[], queries: Queries = this.database): Promise<void> {
    const blocked = await this.blocks.among([userId, ...peers], queries);
    if (peers.some((peer) => blocked.has(userId, peer))) throw chatApi.refuse('chat.blocked', 'You cannot write to each other');
  }

  /** By its customer; the staff may always. */
  isReopenable({ closed_at }: ThreadRow): boolean {
    return closed_at !== null && Date.now() - closed_at.getTime() < this.env.CHAT_REOPEN_DAYS * DAY_MS;
  }
}
