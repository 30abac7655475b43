import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import { notFound, refuse } from '#libs/contracts/errors';
import { feedbackApi } from '#libs/contracts/feedback/api';
import type { FeedbackPriority, FeedbackStatus } from '#libs/contracts/feedback/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { ChangeRepository, type Changes } from './change.repository.ts';
import { type FeedbackEnv, feedbackEnv } from './feedback.env.ts';
import { feedbackMoves } from './feedback.metrics.ts';
import { MOVES } from './feedback.ts';
import { PeopleRepository } from './people.repository.ts';
import { type Terms, termsOf } from './response-terms.ts';
import { StaffRepository } from './staff.repository.ts';

/** Both answers were right when they were given: the role of the assignee changed in between. */
const MAX_ASKED = 3;

export interface Move {
  readonly id: string;
  readonly status: FeedbackStatus;
  readonly staffId: string;
  readonly note?: string | undefined;
  readonly reply?: string | undefined;
}

/** An assignee that auth called staff, and what was heard of their roles before. */
export interface CheckedAssignee {
  readonly id: string;
  readonly version: number;
}

/** What staff do to one piece of feedback, in a transaction of the caller's. */
@Injectable()
export class FeedbackChanges {
  private readonly terms: Terms;

  constructor(
    private readonly changes: ChangeRepository,
    private readonly people: PeopleRepository,
    private readonly staff: StaffRepository,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
    @InjectEnvironment(feedbackEnv) env: FeedbackEnv,
  ) {
    this.terms = termsOf(env);
  }

  /** To the status that it has, nothing is done. @throws feedback.status_conflict, feedback.merged, not_found */
  async move(transaction: Transaction, { id, status, staffId, note, reply }: Move): Promise<void> {
    const moved = await this.changes.move(transaction, id, status, true);
    if (moved === undefined) return this.refuseUnlessThere(transaction, id, status);
    const kept =
      reply === undefined
        ? undefined
        : await this.changes.reply(transaction, { id: uuidv7(), feedbackId: id, userId: staffId, byAuthor: false, body: reply });
    if (note !== undefined) await this.changes.addNote(transaction, { id: uuidv7(), feedbackId: id, userId: staffId, body: note });
    await this.tell(transaction, id, status, moved.moves, kept?.id);
  }

  /** Everybody who wants to hear of it, once. */
  async tell(transaction: Transaction, id: string, status: FeedbackStatus, version: number, replyId?: string): Promise<void> {
    for (const { feedbackId, userIds } of await this.people.audience(transaction, id)) {
      transaction.publish(feedbackApi.events.moved, {
        feedbackId,
        userIds,
        status,
        version,
        ...(replyId === undefined ? {} : { replyId }),
      });
    }
    transaction.afterCommit(() => feedbackMoves.inc({ status }));
  }

  private async refuseUnlessThere(transaction: Transaction, id: string, status: FeedbackStatus): Promise<void> {
    // Locked, so that what is told is what stands in the way.
    await this.people.lock(transaction, [id]);
    const standing = await this.changes.standing(transaction, id);
    if (standing === undefined) throw notFound();
    if (standing.merged_into !== null) throw merged();
    const { status: current } = standing;
    if (current === status) return;
    throw feedbackApi.refuse('feedback.status_conflict', `It is ${current} and cannot become ${status}`, {
      current,
      allowed: MOVES[current],
    });
  }

  /** Undefined for nobody. @throws feedback.assignee_not_staff */
  async checkAssignee(id: string | null | undefined): Promise<CheckedAssignee | undefined> {
    if (id === null || id === undefined) return undefined;
    const version = await this.staff.heardOf(id);
    const { items } = await this.auth.people({ userIds: [id] });
    if (!items.some((person) => person.userId === id && worksHere(person)))
      throw feedbackApi.refuse('feedback.assignee_not_staff', 'Feedback is assigned to support and admins');
    return { id, version };
  }

  /** Repeats `work` while the news of the assignee's roles overtook the check. `checked`: one that was made for several works. */
  async withAssignee<T>(
    id: string | null | undefined,
    work: (assignee: CheckedAssignee | undefined) => Promise<T>,
    checked = this.checkAssignee(id),
  ): Promise<T> {
    for (let asked = 1; ; asked += 1) {
      try {
        return await work(await (asked === 1 ? checked : this.checkAssignee(id)));
      } catch (error) {
        if (!(error instanceof AssigneeChanged)) throw error;
        if (asked === MAX_ASKED) throw refuse('unavailable');
      }
    }
  }

  async assign(transaction: Transaction, assignee: CheckedAssignee | undefined): Promise<void> {
    if (assignee !== undefined && !(await this.staff.isUnchanged(transaction, assignee.id, assignee.version))) throw new AssigneeChanged();
  }

  priority(name: FeedbackPriority | undefined): Pick<Changes, 'priority'> {
    return name === undefined ? {} : { priority: { name, termSeconds: this.terms[name] } };
  }
}

const STAFF: readonly string[] = ['support', 'admin'];
export const worksHere = ({ roles, disabled }: { roles: readonly string[]; disabled: boolean }): boolean =>
  !disabled && roles.some((role) => STAFF.includes(role));

class AssigneeChanged extends Error {
  override readonly name = 'AssigneeChanged';
}

export const merged = () => feedbackApi.refuse('feedback.merged', 'It is merged into another one');
