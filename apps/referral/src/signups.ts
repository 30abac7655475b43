import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Refusal } from '#libs/contracts/errors';
import { Database } from '#libs/persistence/database';
import { MemberRepository } from './member.repository.ts';
import { Redemption } from './redemption.ts';
import { codeOf } from './referral.ts';
import { type Task, TaskRepository } from './task.repository.ts';
import { Tasks } from './tasks.ts';

/** A code that came with a registration. */
export interface Signup {
  readonly code: string;
  readonly at: string;
  readonly deviceHashes: readonly string[];
}

/** Redeems the codes that came with registrations, as of then. What is refused stays unsaid: the registration is what they came for. */
@Injectable()
export class Signups {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRepository,
    private readonly redemption: Redemption,
    private readonly repository: TaskRepository,
    private readonly tasks: Tasks,
  ) {
    tasks.does('signup', (task) => this.redeem(task));
  }

  /** Before the same user redeems another code: the one that they came with was first. */
  async finish(userId: string): Promise<void> {
    const task = await this.repository.find('signup', userId);
    if (task !== undefined) await this.redeem(task);
  }

  private async redeem(task: Task): Promise<void> {
    const { code, at, deviceHashes }: Signup = JSON.parse(task.about ?? '');
    try {
      const referrerId = await this.members.referrerOf(codeOf(code));
      const join = await this.redemption.ask({ userId: task.subject_id, referrerId, at, deviceHashes, isSignup: true });
      await this.database.transaction(async (transaction) => {
        await this.redemption.keep(transaction, uuidv7(), join);
        this.tasks.done(transaction, task);
      });
    } catch (error) {
      if (!(error instanceof Refusal) || error.retryable) throw error;
      await this.database.transaction(async (transaction) => this.tasks.done(transaction, task));
    }
  }
}
