import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { momentOf } from '../order/order-words.ts';
import './feedback.css';
import { CATEGORY_WORDS, type Feedback, STATUS_WORDS } from './feedback-words.ts';
import { Pictures } from './talk.tsx';

interface Props {
  readonly feedback: Feedback;
  readonly title: string;
  readonly heading: string;
  /** The list that this one is found in. */
  readonly back: { readonly to: string; readonly words: string };
  /** What the message is called: `What you wrote`. */
  readonly message: string;
  readonly beside: ReactNode;
  readonly children: ReactNode;
}

/** A page of one feedback: what it is, what was written, and beside it whatever the reader may know or do. */
export function FeedbackItemFrame({ feedback, title, heading, back, message, beside, children }: Props) {
  return (
    <>
      <title>{title}</title>
      <p className="crumbs back">
        <Link to={back.to}>{back.words}</Link>
      </p>
      <div className="page-head">
        <h1>{heading}</h1>
        <span className={`badge ${feedback.status}`} data-testid="status">
          {STATUS_WORDS[feedback.status]}
        </span>
      </div>
      <div className="two-columns">
        <div>
          <section className="panel" aria-label={message}>
            <p className="pieces quiet">
              <span>{CATEGORY_WORDS[feedback.category]}</span>
              <span>{momentOf(feedback.createdAt)}</span>
              {feedback.rating !== undefined && <span>{`${feedback.rating} of 5`}</span>}
            </p>
            <p className="said">{feedback.message}</p>
            <Pictures images={feedback.images} />
          </section>
          {children}
        </div>
        {beside}
      </div>
    </>
  );
}
