import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { chatApi } from '#libs/contracts/chat/api';
import type { CannedQuery, ChangeCannedAnswer, NewCannedAnswer } from '#libs/contracts/chat/inputs';
import type { CannedAnswer, CannedAnswerList } from '#libs/contracts/chat/views';
import { notFound } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { ById } from '#libs/contracts/page';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { onceFor } from '#libs/persistence/idempotency';
import { People } from '../people/people.ts';
import { ThreadAccess } from '../threads/thread-access.ts';
import { CannedRepository } from './canned.repository.ts';

const PLACEHOLDER = /\{\{\s*(customer\.name|order\.number)\s*\}\}/g;

/** Answers that the staff often give. */
@Injectable()
export class CannedHandlers {
  constructor(
    private readonly database: Database,
    private readonly answers: CannedRepository,
    private readonly access: ThreadAccess,
    private readonly people: People,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
  ) {}

  /** A placeholder that has no value in the thread stays as it is, for whoever sends it to see. */
  async canned({ q, threadId }: CannedQuery, call: Call): Promise<CannedAnswerList> {
    const [items, values] = await Promise.all([this.answers.list(q), threadId === undefined ? new Map() : this.valuesOf(threadId, call)]);
    const filled = (body: string): string => body.replace(PLACEHOLDER, (placeholder, name: string) => values.get(name) ?? placeholder);
    return { items: threadId === undefined ? items : items.map((one) => ({ ...one, body: filled(one.body) })) };
  }

  async addCanned(given: NewCannedAnswer, call: Call): Promise<CannedAnswer> {
    const { shortcut, title, body, locale } = given;
    const answer = { id: uuidv7(), shortcut, title, body, locale };
    const kept = await untaken(() =>
      this.database.transaction((transaction) =>
        onceFor<CannedAnswer | undefined>(transaction, call, answer.id, {
          make: async () => {
            await this.answers.add(transaction, answer);
            return answer;
          },
          read: (id) => this.answers.find(transaction, id),
        }),
      ),
    );
    if (kept === undefined) throw notFound();
    return kept;
  }

  async changeCanned(change: ChangeCannedAnswer): Promise<CannedAnswer> {
    const changed = await untaken(() => this.answers.change(change));
    if (changed === undefined) throw notFound();
    return changed;
  }

  async removeCanned({ id }: ById): Promise<void> {
    if (!(await this.answers.remove(id))) throw notFound();
  }

  private async valuesOf(threadId: string, call: Call): Promise<ReadonlyMap<string, string>> {
    const { thread } = await this.access.seen(threadId, userOf(call));
    const { customer_id: customerId, order_id: orderId } = thread;
    if (customerId === null) throw notFound();
    const [names, order] = await Promise.all([
      this.people.names([customerId]),
      orderId === null ? undefined : this.order.view({ orderId, userId: customerId }).catch(() => undefined),
    ]);
    const name = names?.get(customerId);
    return new Map([
      ...(name === undefined ? [] : [['customer.name', name] as const]),
      ...(order === undefined ? [] : [['order.number', order.number] as const]),
    ]);
  }
}

async function untaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isUniqueViolation(error, 'canned_answers_shortcut_locale_key'))
      throw chatApi.refuse('chat.shortcut_taken', 'Another answer has this shortcut');
    throw error;
  }
}
