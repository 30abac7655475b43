import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/persistence/transaction';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { type Task, type TaskKind, TaskRepository } from './task.repository.ts';

const EVERY_MS = 1_000;

/** Does the work; it says itself that it is done, in the transaction of what it did. What it throws puts it off. */
type Work = (task: Task) => Promise<void>;

/** Work that waits for others, or for its time. */
@Injectable()
export class Tasks {
  private readonly works = new Map<TaskKind, Work>();
  private readonly round: Round;

  constructor(
    private readonly repository: TaskRepository,
    rounds: Rounds,
  ) {
    this.round = rounds.every('referral.tasks', { everyMs: EVERY_MS, atOnce: true }, () => this.runDue());
  }

  /** Who does tasks of a kind; said once, while the service starts. */
  does(kind: TaskKind, work: Work): void {
    this.works.set(kind, work);
  }

  /** At once, or at that time. */
  ask(transaction: Transaction, kind: TaskKind, subjectId: string, when: { at?: Date; about?: string } = {}): void {
    this.repository.ask(transaction, kind, subjectId, when);
    const waitMs = Math.max(0, (when.at?.getTime() ?? 0) - Date.now());
    // What is due in a week needs no timer until then.
    if (waitMs < EVERY_MS) transaction.afterCommit(() => this.round.wake(waitMs));
  }

  done(transaction: Transaction, task: Task): void {
    this.repository.done(transaction, task);
  }

  async runDue(): Promise<void> {
    let failure: unknown;
    for (let tasks = await this.repository.claimDue(); tasks.length > 0; tasks = await this.repository.claimDue()) {
      const outcomes = await Promise.allSettled(tasks.map((task) => this.run(task)));
      failure ??= outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
    }
    if (failure !== undefined) throw failure;
  }

  private async run(task: Task): Promise<void> {
    try {
      await this.works.get(task.kind)?.(task);
    } catch (error) {
      await this.repository.putOff(task);
      throw error;
    }
  }
}
