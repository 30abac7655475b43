import { v7 as uuidv7 } from 'uuid';
import type { FeedbackCategory } from '#libs/contracts/feedback/views';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { Known } from '#libs/runtime/seed';
import { textHash, wordsOf } from '../src/feedback.ts';

const STAFF = 'support@only2u.test';

interface Said {
  readonly by: string;
  readonly category: FeedbackCategory;
  readonly subject: string;
  readonly message: string;
  readonly rating?: number;
  /** What the staff answered, which resolved it. */
  readonly reply?: string;
}

const SAID: readonly Said[] = [
  {
    by: 'asha@only2u.test',
    category: 'feature',
    subject: 'A filter for sleeve length',
    message: 'I look for full sleeves in winter and have to open each kurta to see. A filter would save me an evening.',
    rating: 4,
  },
  {
    by: 'rahul@only2u.test',
    category: 'bug',
    subject: 'The size chart is cut off on my phone',
    message: 'On a small phone the last column of the size chart cannot be reached, so I do not see the length.',
    reply: 'Thank you for telling us. The chart now moves sideways under your finger.',
  },
];

/** What customers of the demo shop have told it; those who said something before are left alone. */
export async function seed(database: Database, _env: NodeJS.ProcessEnv, { people }: Known): Promise<{ summary: string[] }> {
  const staffId = people.get(STAFF);
  if (staffId === undefined) return { summary: [] };
  let added = 0;
  for (const said of SAID) {
    const userId = people.get(said.by);
    if (userId !== undefined && (await database.transaction((transaction) => say(transaction, said, userId, staffId)))) added += 1;
  }
  return { summary: [`${added} pieces of feedback added`] };
}

async function say(transaction: Transaction, said: Said, userId: string, staffId: string): Promise<boolean> {
  const { category, subject, message, rating = null, reply } = said;
  const isNew = await transaction.execute(sql`INSERT INTO feedback_authors (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
  if (isNew === 0) return false;
  const id = uuidv7();
  const statuses = reply === undefined ? ['open'] : ['open', 'resolved'];
  await transaction.execute(sql`
    INSERT INTO feedback (id, user_id, category, subject, message, text_hash, rating, image_ids, context, words, priority, held, holds,
      status, moves, due_at, first_response_at)
    VALUES (${id}, ${userId}, ${category}, ${subject}, ${message}, ${textHash(subject, message)}, ${rating}, '{}', '{}',
      ${wordsOf(`${subject} ${message}`)}::text[], 'normal', false, '{}', ${statuses.at(-1)}, ${statuses.length}, now() + interval '3 days',
      CASE WHEN ${reply !== undefined} THEN now() END)`);
  for (const [index, status] of statuses.entries())
    await transaction.execute(sql`INSERT INTO feedback_moves (feedback_id, number, status) VALUES (${id}, ${index + 1}, ${status})`);
  await transaction.execute(sql`INSERT INTO feedback_people (feedback_id, user_id, is_author) VALUES (${id}, ${userId}, true)`);
  if (reply !== undefined)
    await transaction.execute(sql`
      INSERT INTO feedback_replies (id, feedback_id, by_author, user_id, body) VALUES (${uuidv7()}, ${id}, false, ${staffId}, ${reply})`);
  return true;
}
