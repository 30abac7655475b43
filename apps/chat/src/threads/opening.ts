import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { OpenThread } from '#libs/contracts/chat/inputs';
import { type FieldError, invalid, notFound, Refusal, refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { keyOf, remember } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type ChatEnv, chatEnv } from '../chat.env.ts';
import { withoutCardNumbers } from '../messages/card-numbers.ts';
import { People, worksHere } from '../people/people.ts';
import { refuseFormer, UserRepository } from '../people/user.repository.ts';
import { Floor } from './floor.ts';
import { MemberRepository } from './member.repository.ts';
import { type NewThread, ThreadRepository } from './thread.repository.ts';
import type { User } from './thread-access.ts';
import type { ThreadRow } from './thread-row.ts';

const DIRECT_A_DAY = 20;
const SUPPORT_OPEN = 5;

export interface Opened {
  readonly thread: ThreadRow;
  readonly isNew: boolean;
}

/** Opens threads, or finds the one that is there. */
@Injectable()
export class Opening {
  constructor(
    private readonly database: Database,
    private readonly threads: ThreadRepository,
    private readonly members: MemberRepository,
    private readonly users: UserRepository,
    private readonly people: People,
    private readonly floor: Floor,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectEnvironment(chatEnv) private readonly env: ChatEnv,
  ) {}

  async open(input: OpenThread, call: Call): Promise<Opened> {
    const user = userOf(call);
    checkShape(input, user);
    return input.kind === 'direct' ? this.openDirect(input, user, call) : this.openSupport(input, user, call);
  }

  private async openDirect({ participantIds: [otherId = ''] = [] }: OpenThread, user: User, call: Call): Promise<Opened> {
    const { userId } = user;
    if (otherId === userId) throw invalid([{ path: 'participantIds', message: 'names yourself' }]);
    const other = await this.people.find(otherId);
    if (other === undefined || worksHere(other) !== isStaff(user)) throw notFound();
    const pair = [userId, otherId].sort().join(' ');
    return this.once(call, async (transaction, id) => {
      await this.lockUsers(transaction, [userId], user);
      await this.floor.refuseBlocked(userId, [otherId], transaction);
      const known = await this.threads.findPair(pair, transaction);
      if (known !== undefined) return { thread: known, isNew: false };
      await this.refuseTooMany(transaction, userId);
      return this.made(transaction, { id, createdBy: userId, pair }, pair, [
        { userId, role: isStaff(user) ? 'staff' : 'customer' },
        { userId: otherId, role: worksHere(other) ? 'staff' : 'customer' },
      ]);
    });
  }

  private async openSupport({ subject = '', orderId, participantIds }: OpenThread, user: User, call: Call): Promise<Opened> {
    const customerId = participantIds?.[0] ?? user.userId;
    if (isStaff(user)) {
      const customer = await this.people.find(customerId);
      if (customer === undefined || worksHere(customer)) throw notFound();
    }
    if (orderId !== undefined) await this.order.view({ orderId, userId: customerId });
    return this.once(call, async (transaction, id) => {
      // Of requests at once the second finds what the first has made.
      await this.lockUsers(transaction, [customerId], user);
      const known = orderId === undefined ? undefined : await this.threads.findOpenOfOrder(transaction, orderId, customerId);
      if (known !== undefined) return { thread: known, isNew: false };
      if ((await this.threads.countOpen(transaction, customerId)) >= SUPPORT_OPEN)
        throw chatApi.refuse('chat.too_many_open', `There are ${SUPPORT_OPEN} open threads already`);
      const assignee = isStaff(user) ? { assigneeId: user.userId } : {};
      return this.made(
        transaction,
        {
          id,
          createdBy: user.userId,
          subject: withoutCardNumbers(subject),
          customerId,
          ...assignee,
          ...(orderId === undefined ? {} : { orderId }),
        },
        undefined,
        [{ userId: customerId, role: 'customer' }, ...(isStaff(user) ? [{ userId: user.userId, role: 'staff' as const }] : [])],
      );
    });
  }

  private async made(
    transaction: Transaction,
    thread: NewThread,
    pair: string | undefined,
    members: readonly { readonly userId: string; readonly role: 'customer' | 'staff' }[],
  ): Promise<Opened> {
    const made = await this.threads.insert(transaction, thread);
    if (made === undefined) {
      // The other has just opened it.
      const theirs = await this.threads.findPair(pair ?? '', transaction);
      if (theirs === undefined) throw refuse('unavailable');
      return { thread: theirs, isNew: false };
    }
    for (const { userId, role } of members) await this.members.add(transaction, thread.id, userId, role);
    return { thread: made, isNew: true };
  }

  /** A repeat under the same idempotency key is answered with the thread that the first made or found, as it is now. */
  private once(call: Call, make: (transaction: Transaction, id: string) => Promise<Opened>): Promise<Opened> {
    return this.database.transaction(async (transaction) => {
      const id = uuidv7();
      const key = keyOf(call);
      const known = key === undefined ? undefined : await remember(transaction, key, id);
      const thread = known === undefined ? undefined : await this.threads.find(known, transaction);
      return thread === undefined ? make(transaction, id) : { thread, isNew: true };
    });
  }

  /** Whoever is erased, or staff by an old token alone, opens nothing. */
  private async lockUsers(transaction: Transaction, userIds: readonly string[], opener: User): Promise<void> {
    const rows = await this.users.lockAll(transaction, isStaff(opener) ? [...userIds, opener.userId] : userIds);
    if (rows.some(({ erased_at }) => erased_at !== null)) throw refuse('unauthenticated', 'This account is erased');
    if (isStaff(opener)) refuseFormer(rows.find(({ user_id }) => user_id === opener.userId));
  }

  private async refuseTooMany(transaction: Transaction, userId: string): Promise<void> {
    const { count, secondsToRoom } = await this.threads.openedToday(transaction, userId);
    if (count >= Math.max(1, Math.floor(DIRECT_A_DAY * this.env.RATE_LIMIT_SCALE)))
      throw new Refusal('rate_limited', 'rate_limited', `Try again in ${secondsToRoom} s`, {}, secondsToRoom);
  }
}

function checkShape({ kind, participantIds, subject, orderId }: OpenThread, user: User): void {
  const errors: FieldError[] = [];
  const needed = (field: string): FieldError => ({ path: field, message: `is what a ${kind} thread has` });
  const foreign = (field: string, message: string): FieldError => ({ path: field, message });
  if (kind === 'direct') {
    if (participantIds === undefined) errors.push(needed('participantIds'));
    if (subject !== undefined) errors.push(foreign('subject', 'belongs to a support thread'));
    if (orderId !== undefined) errors.push(foreign('orderId', 'belongs to a support thread'));
  } else {
    if (subject === undefined) errors.push(needed('subject'));
    if (isStaff(user) && participantIds === undefined) errors.push(foreign('participantIds', 'names the customer'));
    if (!isStaff(user) && participantIds !== undefined) errors.push(foreign('participantIds', 'is for the staff'));
  }
  if (errors.length > 0) throw invalid(errors);
}
