import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  accounts: {
    keptForever: 'what each user has stored, a row each',
    but: {
      erased: { keptFor: '400 days', removedBy: 'src/account.repository.ts', why: 'longer than an upload, or a replayed event, may take' },
    },
  },
  blobs: { keptUntil: 'the last file that has them goes', why: 'the bytes of files' },
  renditions: { keptUntil: 'their picture goes', why: 'made of it' },
  files: { keptUntil: 'their owner deletes them or the account is erased', why: 'what people have stored' },
  holders: {
    keptUntil: 'what holds the file lets go of it',
    why: 'a file in use cannot be deleted',
    but: { promised: { keptFor: '1 day', removedBy: 'src/holder.repository.ts', why: 'they hold nothing after their end' } },
  },
  refs: {
    keptUntil: 'their holder is gone',
    why: 'the newest version heard of each holder',
    but: { ended: { keptFor: '400 days', removedBy: 'src/holder.repository.ts', why: 'a late event must not bring a holder back' } },
  },
  uploads: {
    keptUntil: 'STORAGE_UPLOAD_TTL_SECONDS after they began',
    why: 'a completed one answers repeats until then; an open one is given up, with its parts and its place in the quota',
  },
  answers: { keptFor: '25 hours', since: 'created_at', why: 'of uploads with an idempotency key, which is good for 24 hours' },
  parts: { keptUntil: 'their upload goes', why: 'parts of it' },
  leftovers: { keptUntil: 'the objects are gone', why: 'what is still to be deleted in the store' },
} as const satisfies Retention;
