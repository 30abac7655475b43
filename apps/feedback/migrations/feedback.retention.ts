import type { Retention } from '#libs/persistence/retention';

const WITH_IT = { keptUntil: 'their feedback goes', why: 'parts of it' } as const;

/** How long each table of this service keeps its rows. */
export const retention = {
  feedback: { keptForever: 'what customers say of the shop is compared over years; texts go with their account' },
  feedback_moves: WITH_IT,
  feedback_replies: { keptUntil: 'the author of the feedback is erased', why: 'what both sides wrote' },
  feedback_notes: WITH_IT,
  feedback_people: { keptUntil: 'the account is erased, or the vote is taken back', why: 'who is counted and told' },
  feedback_counts: { keptUntil: 'they are added up', why: 'changes of counts; a sum a status and category stays' },
  feedback_authors: { keptForever: 'nothing of an erased account comes back, however late it arrives; ids alone' },
  feedback_staff: { keptFor: '30 days', since: 'changed_at', why: 'a change of roles may come late and out of order' },
} as const satisfies Retention;
