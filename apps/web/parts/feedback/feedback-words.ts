import type { Schemas } from '#libs/client/client';

export type Feedback = Schemas['Feedback'];
export type StaffFeedback = Schemas['StaffFeedback'];

export const STATUS_WORDS: Readonly<Record<Feedback['status'], string>> = {
  open: 'Open',
  in_review: 'In review',
  planned: 'Planned',
  resolved: 'Resolved',
  rejected: 'Declined',
  closed: 'Closed',
};

export const CATEGORY_WORDS: Readonly<Record<Feedback['category'], string>> = {
  bug: 'Something is broken',
  feature: 'An idea',
  complaint: 'A complaint',
  praise: 'Praise',
  other: 'Something else',
};

export const PRIORITY_WORDS: Readonly<Record<StaffFeedback['priority'], string>> = {
  low: 'Low',
  normal: 'Normal',
  high: 'High',
  urgent: 'Urgent',
};

/** What a refusal of the feedback service means on these pages. */
export const REFUSAL_WORDS: Readonly<Record<string, string>> = {
  'feedback.image_unusable': 'One of the pictures cannot be used. Remove it, and add it again.',
  'feedback.closed': 'This is closed. Please write anew about what is left.',
  'feedback.merged': 'This is merged into another one, where it goes on.',
  'feedback.status_conflict': 'It has moved on meanwhile, and this step does not follow.',
  'feedback.assignee_not_staff': 'They do not work here any more.',
  'feedback.merge_conflict': 'These two cannot be merged: one of them is merged already, has others merged into it, or both are the same.',
  'feedback.own_feedback': 'This is your own, and you count already.',
};

export const people = (votes: number): string => (votes === 1 ? '1 person' : `${votes} people`);
