import { Injectable } from '@nestjs/common';
import type { AccountChanged, AccountErased } from '#libs/contracts/auth/messages';
import type { TransactionalDelivery } from '#libs/runtime/handlers';
import { Moves } from './desk/moves.ts';
import { BlockRepository } from './people/block.repository.ts';
import { Eraser } from './people/eraser.ts';
import { ErasureRepository } from './people/erasure.repository.ts';
import { worksHere } from './people/people.ts';
import { UserRepository } from './people/user.repository.ts';
import { ChatNews } from './threads/chat-news.ts';
import { MemberRepository } from './threads/member.repository.ts';
import { ThreadRepository } from './threads/thread.repository.ts';

@Injectable()
export class ChatReactions {
  constructor(
    private readonly users: UserRepository,
    private readonly blocks: BlockRepository,
    private readonly erasures: ErasureRepository,
    private readonly eraser: Eraser,
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly moves: Moves,
    private readonly news: ChatNews,
  ) {}

  /** What is assigned to somebody who works here no more goes back to the queue. */
  async onAuthAccountChanged({ userId, roles, disabled, version }: AccountChanged, { transaction }: TransactionalDelivery): Promise<void> {
    const isStaff = worksHere({ roles });
    if (!(await this.users.hear(transaction, userId, version, isStaff && !disabled))) return;
    if (isStaff && !disabled) return;
    const left = isStaff ? [] : await this.erasures.staffIn(userId);
    const threadIds = [...new Set([...(await this.erasures.assignedTo(userId)), ...left])].sort();
    for (const threadId of threadIds) {
      const thread = await this.threads.lock(transaction, threadId);
      if (thread === undefined) continue;
      const userIds = (await this.members.present(threadId, transaction)).map(({ user_id }) => user_id);
      const isTheirs = thread.status === 'assigned' && thread.assignee_id === userId;
      const rows = isTheirs ? [(await this.moves.release(transaction, thread, null)).row] : [];
      if (left.includes(threadId)) await this.members.leave(transaction, threadId, userId);
      transaction.afterCommit(() => this.news.moved(threadId, rows, userIds));
    }
  }

  async onAuthErased({ userId }: AccountErased, { transaction }: TransactionalDelivery): Promise<void> {
    await this.erasures.note(transaction, userId);
    this.blocks.forget(transaction, userId);
    transaction.afterCommit(() => this.eraser.wake());
  }
}
