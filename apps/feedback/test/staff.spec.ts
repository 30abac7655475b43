import { text } from 'node:stream/consumers';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedbackMoved, FeedbackOverdue, FeedbackReplied } from '#libs/contracts/feedback/messages';
import { FEEDBACK_STATUSES, type FeedbackStatus } from '#libs/contracts/feedback/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { FeedbackReactions } from '../src/feedback.reactions.ts';
import { MOVES } from '../src/feedback.ts';
import {
  ADMIN,
  answers,
  auth,
  by,
  bySupport,
  close,
  database,
  feedback,
  listed,
  open,
  published,
  queue,
  replicas,
  SUPPORT,
  seenByAuthor,
  seenByStaff,
  send,
  staff,
  storage,
  titled,
  voices,
} from './feedback-fixture.ts';

beforeAll(() => open({ RATE_LIMIT_SCALE: '1', FEEDBACK_SLA_SECONDS: 'high=3600' }));
afterAll(close);

const move = (id: string, status: FeedbackStatus, words: { reply?: string; note?: string } = {}) =>
  queue.move({ id, status, ...words }, bySupport());
const movesOf = async (id: string) => (await published<FeedbackMoved>('feedback.moved')).filter(({ feedbackId }) => feedbackId === id);
const react = () => {
  const reactions = replicas[0]?.get(FeedbackReactions) as FeedbackReactions;
  return <K extends keyof FeedbackReactions>(name: K, event: Parameters<FeedbackReactions[K]>[0]) =>
    database.transaction((transaction) =>
      (reactions[name] as (data: unknown, delivery: unknown) => Promise<void>).call(reactions, event, { transaction }),
    );
};

describe('a move', () => {
  it('is one of the table, and any other tells where it is and where it can go', async () => {
    const ways: Record<FeedbackStatus, FeedbackStatus[]> = {
      open: [],
      in_review: ['in_review'],
      planned: ['planned'],
      resolved: ['resolved'],
      rejected: ['rejected'],
      closed: ['resolved', 'closed'],
    };
    for (const from of FEEDBACK_STATUSES) {
      for (const to of FEEDBACK_STATUSES) {
        const { id } = await send();
        for (const step of ways[from]) await move(id, step);
        const isLegal = from === to || MOVES[from].includes(to);
        const outcome = await move(id, to).catch((error: unknown) => error);
        if (isLegal) expect(outcome).toMatchObject({ status: to });
        else expect(outcome).toMatchObject({ code: 'feedback.status_conflict', fields: { current: from, allowed: MOVES[from] } });
      }
    }
  });

  it('to the status that it has does nothing, with no second reply, note or message', async () => {
    const { id } = await send();
    const words = { reply: 'Soon', note: 'Ask the buyers' };
    const moved = await Promise.all(Array.from({ length: 10 }, () => move(id, 'planned', words)));
    expect(new Set(moved.map(({ status, replies, notes }) => JSON.stringify([status, replies.length, notes.length])))).toEqual(
      new Set(['["planned",1,1]']),
    );
    expect(await movesOf(id)).toHaveLength(1);
    expect((await movesOf(id))[0]).toMatchObject({ status: 'planned', replyId: moved[0]?.replies[0]?.id, version: 2 });
  });

  it('of many at once leaves one legal way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await send();
      const targets: FeedbackStatus[] = ['in_review', 'planned', 'resolved', 'rejected', 'closed', 'resolved', 'in_review'];
      await Promise.all(targets.map((status) => codeOf(move(id, status))));
      const { timeline, status } = await seenByStaff(id);
      for (const [index, { status: to }] of timeline.entries()) {
        const from = timeline[index - 1]?.status;
        if (from !== undefined) expect(MOVES[from]).toContain(to);
      }
      expect(timeline.at(-1)?.status).toBe(status);
      expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort());
      expect((await movesOf(id)).map(({ status: told }) => told).sort()).toEqual(
        timeline
          .slice(1)
          .map((one) => one.status)
          .sort(),
      );
    }
  });
});

describe('a reply', () => {
  it('of the author takes up what was resolved, once for one key, and none comes to what is closed', async () => {
    const userId = uuidv7();
    const { id } = await send(userId);
    await move(id, 'resolved');
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => answers.reply({ id, body: 'Still broken' }, by(userId, 'customer', 'key'))),
    );
    expect(new Set(replies.map((reply) => reply.id)).size).toBe(1);
    const seen = await seenByStaff(id);
    expect(seen).toMatchObject({ status: 'in_review', replies: [replies[0]] });
    expect(seen.timeline.map(({ status }) => status)).toEqual(['open', 'resolved', 'in_review']);
    await move(id, 'rejected');
    await move(id, 'closed');
    expect(await codeOf(answers.reply({ id, body: 'And now?' }, by(userId)))).toBe('feedback.closed');
    expect(await codeOf(answers.reply({ id, body: 'Hm' }, bySupport()))).toBe('feedback.closed');
    expect(await codeOf(answers.reply({ id, body: 'Mine?' }, by(uuidv7())))).toBe('not_found');
  });

  it('of the staff is told to the author who wants to hear of it', async () => {
    const [told, quiet] = [await send(), await send()];
    await voices.subscribe({ id: quiet.id, subscribed: false }, by(quiet.userId ?? ''));
    const reply = await answers.reply({ id: told.id, body: 'Which phone?' }, bySupport());
    await answers.reply({ id: quiet.id, body: 'Which phone?' }, bySupport());
    const events = await published<FeedbackReplied>('feedback.replied');
    expect(events.filter(({ feedbackId }) => [told.id, quiet.id].includes(feedbackId))).toEqual([
      { feedbackId: told.id, userId: told.userId, replyId: reply.id, status: 'open' },
    ]);
    expect(await movesOf(told.id)).toEqual([]);
  });
});

describe('the queue', () => {
  it('counts all values of status and category under every filter but their own', async () => {
    const userId = uuidv7();
    const [bug, , praise] = [
      await send(userId, { category: 'bug' }),
      await send(userId, { category: 'bug' }),
      await send(userId, { category: 'praise' }),
    ];
    await move(bug.id, 'planned');
    const none = { open: 0, in_review: 0, planned: 0, resolved: 0, rejected: 0, closed: 0 };
    const no = { bug: 0, feature: 0, complaint: 0, praise: 0, other: 0 };
    expect(await listed({ userId })).toMatchObject({
      total: 3,
      counts: { status: { ...none, open: 2, planned: 1 }, category: { ...no, bug: 2, praise: 1 } },
    });
    expect(await listed({ userId, status: 'open' })).toMatchObject({
      ...{ total: 2, counts: { status: { ...none, open: 2, planned: 1 }, category: { ...no, bug: 1, praise: 1 } } },
    });
    expect(await listed({ userId, category: 'praise' })).toMatchObject({
      ...{ total: 1, items: [{ id: praise.id }], counts: { status: { ...none, open: 1 }, category: { ...no, bug: 2, praise: 1 } } },
    });
  });

  it('finds by words of subject, message and replies, assignee, tag, priority, product and time', async () => {
    const userId = uuidv7();
    const one = await send(userId, { subject: 'ज़िप टूट गई', message: 'The zip of my Blue-Kurta' });
    const other = await send(userId);
    await answers.reply({ id: other.id, body: 'Please send the pannacotta' }, bySupport());
    await queue.change({ id: one.id, assigneeId: SUPPORT, priority: 'high', tags: ['zip', 'zip', 'kurta'] });
    const ids = async (filters: Parameters<typeof listed>[0]) => (await listed({ userId, ...filters })).items.map(({ id }) => id);
    expect(await ids({ q: 'blue KURTA' })).toEqual([one.id]);
    expect(await ids({ q: 'टूट' })).toEqual([one.id]);
    expect(await ids({ q: 'pannacotta' })).toEqual([other.id]);
    expect(await ids({ q: 'pannacotta zip' })).toEqual([]);
    expect(await ids({ q: '!!!' })).toEqual([]);
    expect(await ids({ assigneeId: SUPPORT })).toEqual([one.id]);
    expect(await ids({ assigneeId: 'none' })).toEqual([other.id]);
    expect(await ids({ tag: 'kurta' })).toEqual([one.id]);
    expect(await ids({ priority: 'high' })).toEqual([one.id]);
    expect(await ids({ from: other.createdAt })).toEqual([other.id]);
    expect(await ids({ to: other.createdAt })).toEqual([one.id]);
    expect((await seenByStaff(one.id)).tags).toEqual(['zip', 'kurta']);
  });

  it('is the same in every order page by page, while new ones come', async () => {
    const all = [];
    const tag = uuidv7().slice(0, 8);
    for (let count = 0; count < 7; count += 1) {
      const one = await send();
      await titled(one);
      await queue.change({ id: one.id, tags: [tag], priority: count % 2 === 0 ? 'high' : 'low' });
      for (let voter = 0; voter < count % 3; voter += 1) await voices.vote({ id: one.id }, by(uuidv7()));
      all.push(await seenByStaff(one.id));
    }
    const orders = {
      newest: [...all].reverse(),
      oldest: all,
      due: all.toSorted((a, b) => a.dueAt.localeCompare(b.dueAt) || a.id.localeCompare(b.id)),
      votes: all.toSorted((a, b) => b.votes - a.votes || b.id.localeCompare(a.id)),
    };
    for (const [sort, expected] of Object.entries(orders)) {
      const found = [];
      let cursor: string | undefined;
      do {
        const page = await queue.queue({ tag, sort: sort as keyof typeof orders, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        found.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
        await send();
      } while (cursor !== undefined);
      expect(found).toEqual(expected.map(({ id }) => id));
    }
  });

  it('leaves as CSV that runs nothing in a spreadsheet', async () => {
    const userId = uuidv7();
    const one = await send(userId, { subject: '=1+2', message: 'He said "no",\nthen went', rating: 3 });
    const other = await send(userId, { subject: '-5', message: '\tTab' });
    const { body, mime } = await queue.exportAll({ userId, sort: 'oldest' });
    expect(mime).toMatch('text/csv');
    const lines = await text(body as NodeJS.ReadableStream as never);
    expect(
      lines.startsWith(
        'id,createdAt,category,status,priority,assigneeId,userId,subject,message,rating,orderId,productId,appVersion,votes,tags\r\n',
      ),
    ).toBe(true);
    expect(lines).toContain(`${one.id},${one.createdAt},bug,open,normal,,${userId},'=1+2,"He said ""no"",\nthen went",3,,,,1,\r\n`);
    expect(lines).toContain(`${other.id},${other.createdAt},bug,open,normal,,${userId},'-5,'\tTab,,,,,1,\r\n`);
  });
});

describe('an assignee', () => {
  it('works here, and is released when they do not any more, also between the check and the assignment', async () => {
    const { id } = await send();
    expect(await codeOf(queue.change({ id, assigneeId: uuidv7() }))).toBe('feedback.assignee_not_staff');
    const leaver = uuidv7();
    staff.add(leaver);
    expect(await queue.change({ id, assigneeId: leaver })).toMatchObject({ assigneeId: leaver });
    const at = new Date().toISOString();
    staff.delete(leaver);
    await react()('onAuthAccountChanged', { userId: leaver, roles: ['customer'], disabled: false, version: 5, at });
    expect(await seenByStaff(id)).toMatchObject({ assigneeId: null });
    staff.add(leaver);
    expect(await queue.change({ id, assigneeId: leaver })).toMatchObject({ assigneeId: leaver });
    await react()('onAuthAccountChanged', { userId: leaver, roles: ['customer'], disabled: false, version: 4, at });
    expect(await seenByStaff(id)).toMatchObject({ assigneeId: leaver });
    await react()('onAuthAccountChanged', { userId: leaver, roles: ['support'], disabled: true, version: 6, at });
    expect(await seenByStaff(id)).toMatchObject({ assigneeId: null });
  });

  it('and everything else of many is changed as a whole or not at all', async () => {
    const [one, closed, full] = [await send(), await send(), await send()];
    await move(closed.id, 'resolved');
    await move(closed.id, 'closed');
    await queue.change({ id: full.id, tags: Array.from({ length: 10 }, (_, index) => `tag ${index}`) });
    const unknown = uuidv7();
    const changes = { status: 'planned' as const, assigneeId: ADMIN, priority: 'high' as const, addTags: ['sale'] };
    const outcome = await queue.changeMany({ ids: [one.id, closed.id, unknown, full.id, one.id], ...changes }, bySupport());
    expect(outcome).toEqual({
      done: [one.id],
      failed: [
        { id: closed.id, code: 'feedback.status_conflict' },
        { id: unknown, code: 'not_found' },
        { id: full.id, code: 'validation_failed' },
      ],
    });
    expect(await seenByStaff(one.id)).toMatchObject({ status: 'planned', assigneeId: ADMIN, priority: 'high', tags: ['sale'] });
    expect(await seenByStaff(closed.id)).toMatchObject({ status: 'closed', assigneeId: null, priority: 'normal', tags: [] });
    expect(await seenByStaff(full.id)).toMatchObject({ status: 'open', assigneeId: null });
    expect(await codeOf(queue.changeMany({ ids: [one.id] }, bySupport()))).toBe('validation_failed');
    expect(await queue.changeMany({ ids: [one.id], removeTags: ['sale'], assigneeId: null }, bySupport())).toEqual({
      done: [one.id],
      failed: [],
    });
    expect(await seenByStaff(one.id)).toMatchObject({ tags: [], assigneeId: null });
  });
});

describe('many assigned at once', () => {
  it('ask auth once who the assignee is', async () => {
    const sent = await Promise.all(Array.from({ length: 5 }, () => send()));
    const before = auth.asked;
    const ids = sent.map(({ id }) => id);
    expect(await queue.changeMany({ ids, assigneeId: ADMIN }, bySupport())).toEqual({ done: ids, failed: [] });
    expect(auth.asked - before).toBe(1);
    const nobody = await queue.changeMany({ ids, assigneeId: uuidv7() }, bySupport());
    expect(nobody).toEqual({ done: [], failed: ids.map((id) => ({ id, code: 'feedback.assignee_not_staff' })) });
  });
});

describe('the clock', () => {
  const past = (id: string) =>
    database.execute(sql`
    UPDATE feedback SET created_at = now() - interval '3 days 1 second', due_at = now() - interval '1 second' WHERE id = ${id}`);
  const told = async (id: string) => (await published<FeedbackOverdue>('feedback.overdue')).filter(({ feedbackId }) => feedbackId === id);

  it('runs out once: the priority rises, and the assignee is told, or all staff', async () => {
    const [mine, nobodys, held, answered] = [
      await send(),
      await send(),
      await send(uuidv7(), { message: 'http://a http://b http://c http://d' }),
      await send(),
    ];
    await queue.change({ id: mine.id, assigneeId: SUPPORT });
    await answers.reply({ id: answered.id, body: 'Hello' }, bySupport());
    expect(Date.parse((await seenByStaff(mine.id)).dueAt) - Date.parse(mine.createdAt)).toBe(259_200_000);
    await Promise.all([mine, nobodys, held, answered].map(({ id }) => past(id)));
    expect((await listed({ overdue: true })).items.map(({ id }) => id).sort()).toEqual([mine.id, nobodys.id].sort());
    await eventually(async () => (await told(nobodys.id)).length > 0 && (await told(mine.id)).length > 0);
    expect(await told(mine.id)).toEqual([{ feedbackId: mine.id, userIds: [SUPPORT], priority: 'high' }]);
    expect((await told(nobodys.id))[0]?.userIds.sort()).toEqual([...staff].sort());
    const risen = await seenByStaff(nobodys.id);
    expect(risen).toMatchObject({ priority: 'high', overdue: true });
    expect(Date.parse(risen.dueAt) - Date.parse(risen.createdAt)).toBe(3_600_000);
    expect(risen.escalatedAt).toBeDefined();
    await past(mine.id);
    const later = await send();
    await past(later.id);
    await eventually(async () => (await told(later.id)).length > 0);
    expect(await told(mine.id)).toHaveLength(1);
    expect(await told(answered.id)).toEqual([]);
    expect(await told(held.id)).toEqual([]);
    expect(await seenByStaff(answered.id)).toMatchObject({ overdue: false, firstResponseAt: expect.any(String) });
  });
});

describe('an erased author', () => {
  it('leaves neither texts nor votes nor a way to send more', async () => {
    const userId = uuidv7();
    const [own, others, target] = [await send(userId, { subject: 'My secret', rating: 4 }), await send(), await send()];
    await titled(others);
    await voices.vote({ id: others.id }, by(userId));
    await answers.reply({ id: own.id, body: 'My secret again' }, by(userId));
    await queue.change({ id: target.id, publicTitle: 'Target' });
    await react()('onAuthErased', { userId, at: new Date().toISOString() });
    const seen = await seenByStaff(own.id);
    expect(seen).toMatchObject({ userId: null, subject: '', message: '', replies: [], images: [], context: {}, rating: 4, votes: 0 });
    expect(await seenByStaff(others.id)).toMatchObject({ votes: 1 });
    expect((await listed({ q: 'secret' })).items).toEqual([]);
    expect(await codeOf(send(userId))).toBe('unauthenticated');
    expect(await codeOf(voices.vote({ id: target.id }, by(userId)))).toBe('unauthenticated');
    expect((await feedback.ofUser({ userId, limit: 20 })).items).toEqual([]);
  });
});

describe('the twenty-first in an hour', () => {
  it('is refused with the time until there is room, also of many at once', async () => {
    const userId = uuidv7();
    const codes = await Promise.all(Array.from({ length: 25 }, () => codeOf(() => send(userId))));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(20);
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(5);
    const refused = await send(userId).catch((error: { retryAfter: number }) => error);
    expect((refused as { retryAfter: number }).retryAfter).toBeGreaterThan(3_000);
    const before = storage.checks;
    expect(await codeOf(send(userId, { images: [uuidv7()] }))).toBe('rate_limited');
    expect(storage.checks).toBe(before);
    expect((await seenByAuthor(await send(uuidv7()))).status).toBe('open');
  });
});
