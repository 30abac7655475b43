import { hash } from 'node:crypto';
import type { FeedbackHold, FeedbackPriority, FeedbackStatus } from '#libs/contracts/feedback/views';
import { FEEDBACK_PRIORITIES, FEEDBACK_STATUSES } from '#libs/contracts/feedback/views';

/** Where each status can go. */
export const MOVES: Readonly<Record<FeedbackStatus, readonly FeedbackStatus[]>> = {
  open: ['in_review', 'planned', 'resolved', 'rejected'],
  in_review: ['planned', 'resolved', 'rejected'],
  planned: ['in_review', 'resolved', 'rejected'],
  resolved: ['in_review', 'closed'],
  rejected: ['in_review', 'closed'],
  closed: [],
};

/** Where it can come from. */
export const movesTo = (status: FeedbackStatus): FeedbackStatus[] => FEEDBACK_STATUSES.filter((from) => MOVES[from].includes(status));

/** Taken up again by a reply of the author. */
export const ANSWERED: readonly FeedbackStatus[] = ['resolved', 'rejected'];
/** Offered to people who are about to write the same. */
export const UNDER_WAY: readonly FeedbackStatus[] = ['open', 'in_review', 'planned'];

export const oneStepUp = (priority: FeedbackPriority): FeedbackPriority =>
  FEEDBACK_PRIORITIES[FEEDBACK_PRIORITIES.indexOf(priority) + 1] ?? priority;

/** Words as they are looked for: without regard to case, spelling of characters and what stands between them. */
export const wordsOf = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      // Joiners change how a word looks, and not which it is.
      .replaceAll(/[\u200c\u200d]/gu, '')
      .match(/[\p{L}\p{M}\p{N}]+/gu)
      ?.map((word) => word.slice(0, LONGEST_WORD)) ?? [],
  ),
];
const LONGEST_WORD = 60;

const SHORTEST_BEGINNING = 3;
/** Beginnings of words: of two texts that say nearly the same most are the same, whatever the words' endings, and also while they are typed. */
export const beginningsOf = (text: string): string[] => [
  ...new Set(
    wordsOf(text).flatMap((word) => {
      const letters = [...word];
      return letters.length <= SHORTEST_BEGINNING
        ? [word]
        : letters.slice(SHORTEST_BEGINNING - 1).map((_, index) => letters.slice(0, index + SHORTEST_BEGINNING).join(''));
    }),
  ),
];

/** 0..1: how much two lists of beginnings have in common. */
export function likeness(ones: readonly string[], others: readonly string[]): number {
  const all = new Set(ones);
  const both = others.filter((beginning) => all.has(beginning)).length;
  return both === 0 ? 0 : both / Math.sqrt(ones.length * others.length);
}

/** 0..1: how much of one list of beginnings another has, however long that is. */
export function shareIn(asked: readonly string[], others: readonly string[]): number {
  const all = new Set(others);
  return asked.length === 0 ? 0 : asked.filter((beginning) => all.has(beginning)).length / asked.length;
}

/** Of subject and message without regard to case and blanks. */
export const textHash = (subject: string, message: string): string =>
  hash('sha256', [subject, message].map((text) => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, '')).join('\0'), 'base64url');

const LINK = /(?:https?:\/\/|www\.)[^\s]/giu;
const MOST_LINKS = 3;
const MANY_AN_HOUR = 6;

export interface Recent {
  /** Sent by the same author in the last hour. */
  readonly sent: number;
  /** Whether they have said the same in the last day. */
  readonly saidBefore: boolean;
}

/** Why a piece of feedback is looked at by a person before it joins the queue; empty for most. */
export function holdsFor(text: string, { sent, saidBefore }: Recent): FeedbackHold[] {
  return [
    ...(sent + 1 >= MANY_AN_HOUR ? (['many'] as const) : []),
    ...(saidBefore ? (['repeated'] as const) : []),
    ...(linksIn(text) > MOST_LINKS ? (['links'] as const) : []),
  ];
}

/** `https://www.` is one. */
const linksIn = (text: string): number => text.replaceAll(/(https?:\/\/)www\./giu, '$1').match(LINK)?.length ?? 0;
