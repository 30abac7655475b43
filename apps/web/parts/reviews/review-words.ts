import type { Schemas } from '#libs/client/client';

type Review = Schemas['Review'];

export const FIT_WORDS: Readonly<Record<NonNullable<Review['fit']>, string>> = {
  small: 'Runs small',
  true: 'True to size',
  large: 'Runs large',
};

export const REASON_WORDS: Readonly<Record<string, string>> = {
  spam: 'It is an advertisement',
  offensive: 'It offends people',
  fake: 'It is not genuine',
  private_data: 'It tells something private',
  off_topic: 'It is about something else',
  other: 'Something else',
};

export const HOLD_WORDS: Readonly<Record<string, string>> = {
  contact: 'An address or a number in its text',
  hidden_before: 'Another of the author’s was hidden lately',
  many: 'Many unverified reviews in a day',
};

const day = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeZone: 'Asia/Kolkata' });
export const dayOf = (timestamp: string): string => day.format(new Date(timestamp));

/** `12 reviews`, `1 review`. */
export const countWords = (count: number): string => `${count} ${count === 1 ? 'review' : 'reviews'}`;

/** What stands under an author's name. */
export const factsOf = ({ verifiedPurchase, size, fit, createdAt, editedAt }: Review): string =>
  [
    verifiedPurchase && 'Bought here',
    size !== undefined && `Size ${size}`,
    fit !== undefined && FIT_WORDS[fit],
    dayOf(createdAt),
    editedAt !== undefined && 'edited',
  ]
    .filter(Boolean)
    .join(' · ');
