import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound, Refusal, refuse } from '#libs/contracts/errors';
import type { SendFeedback } from '#libs/contracts/feedback/api';
import type { FeedbackContext } from '#libs/contracts/feedback/views';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import type { Card } from '#libs/contracts/product/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { Database } from '#libs/persistence/database';
import { keyOf, onceFor, recall } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { Attachments } from './attachments.ts';
import { type FeedbackEnv, feedbackEnv } from './feedback.env.ts';
import { feedbackSent } from './feedback.metrics.ts';
import { FeedbackRepository } from './feedback.repository.ts';
import { holdsFor } from './feedback.ts';
import { type Terms, termsOf } from './response-terms.ts';

const AN_HOUR = 20;
const PRIORITY = 'normal';

/** Takes feedback in: all that it refers to is there, or nothing is kept. */
@Injectable()
export class Submission {
  private readonly limit: number;
  private readonly terms: Terms;

  constructor(
    private readonly database: Database,
    private readonly feedback: FeedbackRepository,
    private readonly attachments: Attachments,
    @InjectPeer(orderApi) private readonly order: Peer<typeof orderApi>,
    @InjectPeer(productApi) private readonly product: Peer<typeof productApi>,
    @InjectEnvironment(feedbackEnv) env: FeedbackEnv,
  ) {
    this.limit = Math.max(1, Math.floor(AN_HOUR * env.RATE_LIMIT_SCALE));
    this.terms = termsOf(env);
  }

  /** Answers the id of what was kept, or of what an earlier request with the same key has kept. */
  async take(input: SendFeedback, call: Call): Promise<string> {
    const images = input.images ?? [];
    if (new Set(images).size < images.length) throw invalid([{ path: 'images', message: 'names a file more than once' }]);
    const { userId } = userOf(call);
    // Before the key is looked up: of two requests with one key, the one that counts the other knows its answer.
    const recent = images.length === 0 ? undefined : await this.feedback.recent({ ...input, userId, limit: this.limit });
    const key = keyOf(call);
    const known = key === undefined ? undefined : await recall(this.database, key);
    if (known !== undefined) return known;
    const id = uuidv7();
    // What is refused for another reason leaves its pictures free.
    if (recent !== undefined) this.refuseTooMany(recent);
    const context = await this.contextOf(input, userId, call);
    await this.attachments.claim(userId, images, id);
    return this.database.transaction((transaction) =>
      onceFor(transaction, call, id, { make: () => this.keep(transaction, id, input, context, call), read: async (kept) => kept }),
    );
  }

  private async keep(transaction: Transaction, id: string, input: SendFeedback, context: FeedbackContext, call: Call): Promise<string> {
    const { userId } = userOf(call);
    if (!(await this.feedback.lockAuthor(transaction, userId))) throw refuse('unauthenticated', 'This account is erased');
    const { subject, message, images = [], appVersion = call.client?.appVersion } = input;
    const recent = await this.feedback.recent({ userId, subject, message, limit: this.limit }, transaction);
    this.refuseTooMany(recent);
    const holds = holdsFor(`${subject} ${message}`, recent);
    this.feedback.insert(transaction, {
      ...input,
      ...{ id, userId, images, context, holds, priority: PRIORITY, termSeconds: this.terms[PRIORITY] },
      ...(appVersion === undefined ? {} : { appVersion }),
    });
    this.attachments.hold(transaction, { id, userId, images });
    transaction.afterCommit(() => feedbackSent.inc({ category: input.category, held: String(holds.length > 0) }));
    return id;
  }

  /** Of several at once only the transaction that has locked the author knows. */
  private refuseTooMany({ sent, secondsToRoom }: { readonly sent: number; readonly secondsToRoom: number }): void {
    if (sent >= this.limit) throw tooMany(secondsToRoom);
  }

  /** What it is about, as it is now; a foreign or unknown order and an unknown product are not found. */
  private async contextOf({ orderId, productId }: SendFeedback, userId: string, { client }: Call): Promise<FeedbackContext> {
    const [order, product] = await Promise.all([
      orderId === undefined ? undefined : this.order.view({ orderId, userId }),
      productId === undefined ? undefined : this.productOf(productId),
    ]);
    return {
      ...(order === undefined ? {} : { orderNumber: order.number, orderStatus: order.status }),
      ...(product === undefined ? {} : { productName: product.name }),
      ...(client?.agent ? { userAgent: client.agent } : {}),
    };
  }

  private async productOf(productId: string): Promise<Card> {
    const { items } = await this.product.cards({ refs: [{ productId }] });
    const [card] = items;
    if (card === undefined) throw notFound();
    return card;
  }
}

const tooMany = (seconds: number): Refusal => new Refusal('rate_limited', 'rate_limited', `Try again in ${seconds} s`, {}, seconds);
