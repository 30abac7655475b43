import { Injectable } from '@nestjs/common';
import { type Call, isStaff, userOf } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import type { FindSimilar, ListFeedback, SendFeedback } from '#libs/contracts/feedback/api';
import type { Feedback, FeedbackPage, SeenFeedback, SimilarFeedback, SimilarFeedbackList } from '#libs/contracts/feedback/views';
import type { ById } from '#libs/contracts/page';
import { FeedbackRepository, type Titled } from './feedback.repository.ts';
import { beginningsOf, likeness, shareIn } from './feedback.ts';
import { FeedbackViews } from './feedback-views.ts';
import { Submission } from './submission.ts';

const MOST_SIMILAR = 5;
/** Of beginnings of words in common: what is below has only some word of no meaning in common. */
const LEAST_LIKENESS = 0.2;
/** Of what was asked for: a long text that has nearly all of it is like it, whatever else it says. */
const LEAST_SHARE = 0.8;
const EXPORTED_AT_ONCE = 100;

/** Customers: send feedback, and look at what they sent. */
@Injectable()
export class FeedbackHandlers {
  constructor(
    private readonly submission: Submission,
    private readonly feedback: FeedbackRepository,
    private readonly views: FeedbackViews,
  ) {}

  async send(input: SendFeedback, call: Call): Promise<Feedback> {
    const id = await this.submission.take(input, call);
    const kept = await this.feedback.find(id, 'author');
    if (kept === undefined) throw notFound();
    return this.views.oneForAuthor(kept);
  }

  async ofUser(query: ListFeedback): Promise<FeedbackPage> {
    const { items, nextCursor } = await this.feedback.ofUser(query);
    return { items: await this.views.forAuthor(items), nextCursor };
  }

  /** Another user's is not found, like one that does not exist. */
  async view({ id }: ById, call: Call): Promise<SeenFeedback> {
    const user = userOf(call);
    const forStaff = isStaff(user);
    const row = forStaff ? await this.feedback.find(id, 'staff') : await this.feedback.find(id, 'author', user.userId);
    if (row === undefined) throw notFound();
    return forStaff ? this.views.oneForStaff(row) : this.views.oneForAuthor(row);
  }

  /** Of others' feedback only the public title is compared: how well it fits must tell nothing of what they wrote. */
  async similar({ q, category }: FindSimilar, call: Call): Promise<SimilarFeedbackList> {
    const asked = beginningsOf(q);
    const { own, others } = await this.feedback.candidates(userOf(call).userId, asked, category);
    const found = [
      ...own.map((one) => ({
        shown: similarOf(one, one.subject, true),
        ...likenessOf(asked, [one.subject, `${one.subject} ${one.message}`]),
      })),
      ...others.map((one) => ({ shown: similarOf(one, one.public_title ?? '', false), ...likenessOf(asked, [one.public_title ?? '']) })),
    ];
    const best = found
      .filter((one) => one.likeness >= LEAST_LIKENESS || one.share >= LEAST_SHARE)
      .sort((one, other) => other.likeness - one.likeness);
    return { items: best.slice(0, MOST_SIMILAR).map(({ shown }) => shown) };
  }

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const page = await this.ofUser({ userId, limit: EXPORTED_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
    return { content: JSON.stringify(page.items), next: page.nextCursor };
  }
}

/** Of the text that fits best. */
function likenessOf(asked: readonly string[], texts: readonly string[]): { likeness: number; share: number } {
  const all = texts.map(beginningsOf);
  return {
    likeness: Math.max(...all.map((beginnings) => likeness(asked, beginnings))),
    share: Math.max(...all.map((beginnings) => shareIn(asked, beginnings))),
  };
}

const similarOf = ({ id, category, status, votes }: Titled, title: string, mine: boolean): SimilarFeedback => ({
  id,
  title,
  category,
  status,
  votes,
  mine,
});
