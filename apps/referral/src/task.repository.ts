import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { backoffOf, claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';

/**
 * `signup`: a code that came with a registration, by user. `facts`: orders that were there before the referral. `check`: address and instruments
 * of the order that counts. `welcome`: the friend's coupon. `vest`: the reward. These by referral. `coupon`: a reward's coupon, to be issued
 * or withdrawn, by its row.
 */
export type TaskKind = 'signup' | 'facts' | 'check' | 'welcome' | 'vest' | 'coupon';

export interface Task {
  readonly id: string;
  readonly kind: TaskKind;
  readonly subject_id: string;
  readonly about: string | null;
  readonly asked: number;
}

const TASKS_A_ROUND = 20;
/** A coupon is there in ten seconds also when a process died with its task. A task that takes longer is done twice, which does no harm. */
const LEASE_SECONDS = 6;
/** Others are asked again soon: people wait for their coupon, and a peer that is away is mostly back in a moment. */
const PAUSE = { baseSeconds: 0.5, maxSeconds: 4 };

/** What is still to be done. A task that was asked for is done at least once, by whichever replica takes it up. */
@Injectable()
export class TaskRepository {
  constructor(private readonly database: Database) {}

  /** At once, or at that time. Asked for again it is done once more, at the new time. */
  ask(transaction: Transaction, kind: TaskKind, subjectId: string, { at, about }: { at?: Date; about?: string } = {}): void {
    transaction.send(sql`
      INSERT INTO tasks AS known (id, kind, subject_id, about, due_at)
      VALUES (${uuidv7()}, ${kind}, ${subjectId}, ${about ?? null}, coalesce(${at ?? null}::timestamptz, now()))
      ON CONFLICT (kind, subject_id) DO UPDATE SET asked = known.asked + 1, about = excluded.about, due_at = excluded.due_at, tries = 0`);
  }

  claimDue(): Promise<Task[]> {
    return this.database.rows<Task>(
      claim({
        ...{ table: sql`tasks`, key: sql`id`, due: sql`due_at`, limit: TASKS_A_ROUND, leaseSeconds: LEASE_SECONDS },
        ...{ set: sql`tries = tries + 1`, returning: sql`id, kind, subject_id, about, asked` },
      }),
    );
  }

  /** In the transaction of what was done. Asked for again meanwhile, it stays. */
  done(transaction: Transaction, { id, asked }: Task): void {
    transaction.send(sql`DELETE FROM tasks WHERE id = ${id} AND asked = ${asked}`);
  }

  async putOff({ id, asked }: Task): Promise<void> {
    await this.database.execute(
      sql`UPDATE tasks SET due_at = ${fromNow(backoffOf(sql`tries`, PAUSE))} WHERE id = ${id} AND asked = ${asked}`,
    );
  }

  find(kind: TaskKind, subjectId: string): Promise<Task | undefined> {
    return this.database.row<Task>(
      sql`SELECT id, kind, subject_id, about, asked FROM tasks WHERE kind = ${kind} AND subject_id = ${subjectId}`,
    );
  }
}
