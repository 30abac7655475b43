import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed } from '../demo/feedback.seed.ts';
import { by, close, database, feedback, listed, open, SUPPORT } from './feedback-fixture.ts';

beforeAll(() => open());
afterAll(close);

it('the demo shop’s feedback is there once: one piece waits in the queue, one was answered', async () => {
  const [asha, rahul] = [uuidv7(), uuidv7()];
  const people = new Map([
    ['asha@only2u.test', asha],
    ['rahul@only2u.test', rahul],
    ['support@only2u.test', SUPPORT],
  ]);
  expect(await seed(database, {}, { people, goods: [] })).toEqual({ summary: ['2 pieces of feedback added'] });
  expect(await seed(database, {}, { people, goods: [] })).toEqual({ summary: ['0 pieces of feedback added'] });
  const queue = await listed();
  expect(queue.items.map(({ status }) => status).toSorted()).toEqual(['open', 'resolved']);
  expect(queue.counts.status).toMatchObject({ open: 1, resolved: 1 });
  const [answered] = queue.items.filter(({ userId }) => userId === rahul);
  expect(await feedback.view({ id: answered?.id ?? '' }, by(rahul))).toMatchObject({
    status: 'resolved',
    replies: [{ from: 'staff' }],
    timeline: [{ status: 'open' }, { status: 'resolved' }],
  });
});
