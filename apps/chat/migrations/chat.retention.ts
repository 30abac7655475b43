import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  chat_users: { keptForever: 'nothing of an erased account comes back, however late it arrives; settings go with the account' },
  threads: { keptForever: 'people look back at what they wrote' },
  members: { keptForever: 'who took part, and how far they have read' },
  messages: { keptForever: 'people look back at what they wrote; what an account sent is emptied with it' },
  message_versions: { keptFor: '1 year', since: 'until', why: 'what was said before an edit or a deletion, where there is a dispute' },
  blocks: { keptUntil: 'they are lifted, or one of the two accounts is erased', why: 'who wants to hear nothing of whom' },
  reports: { keptFor: '1 year', since: 'resolved_at', why: 'who comes back after a warning' },
  canned_answers: { keptUntil: 'the staff remove them', why: 'what the staff often say' },
} as const satisfies Retention;
