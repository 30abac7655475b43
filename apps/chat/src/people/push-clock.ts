import { Injectable } from '@nestjs/common';
import { chatApi } from '#libs/contracts/chat/api';
import { Database } from '#libs/persistence/database';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { pushesDue } from '../chat.metrics.ts';
import { type DuePush, PushRepository } from './push.repository.ts';
import { WhoIsHere } from './who-is-here.ts';

const EVERY_MS = 3_000;
const AT_ONCE = 100;
/** Somebody who has a chat open is likely to look there first. */
const PATIENCE = 8;

/** Tells notification of threads that stay unread: once a thread until its reader reads. */
@Injectable()
export class PushClock {
  private readonly round: Round;

  constructor(
    private readonly database: Database,
    private readonly due: PushRepository,
    private readonly here: WhoIsHere,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
    rounds: Rounds,
  ) {
    this.round = rounds.every('chat.unread_due', { everyMs: EVERY_MS, atOnce: true }, () => this.run());
  }

  wake(afterSeconds: number): void {
    this.round.wake(afterSeconds * 1_000 + 50);
  }

  private async run(): Promise<void> {
    for (;;) {
      const due = await this.due.claim(AT_ONCE);
      if (due.length === 0) return;
      const online = await this.here.online(due.map(({ userId }) => userId));
      for (const one of due) await this.judge(one, online.has(one.userId));
      if (due.length < AT_ONCE) return;
    }
  }

  private async judge(one: DuePush, isOnline: boolean): Promise<void> {
    const moment = Math.max(1, this.env.CHAT_PUSH_DELAY_SECONDS);
    const last = PATIENCE * moment;
    // They may leave meanwhile.
    if (isOnline && one.secondsUnread < last) return this.due.postpone(one, { moment, last });
    await this.database.transaction(async (transaction) => {
      const told = await this.due.tell(transaction, one);
      if (told === undefined || told.count === 0) return;
      const { threadId, userId } = one;
      transaction.publish(chatApi.events.unreadDue, {
        threadId,
        userId,
        role: told.role,
        sequence: told.sequence,
        count: told.count,
        at: told.at.toISOString(),
      });
      transaction.afterCommit(() => pushesDue.inc());
    });
  }
}
