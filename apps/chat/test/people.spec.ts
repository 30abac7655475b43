import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ThreadRead, UnreadDue } from '#libs/contracts/chat/messages';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually, patiently } from '#libs/testing/builders';
import { Heard, Suite } from './chat-fixture.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await Suite.open({ values: { CHAT_PUSH_DELAY_SECONDS: '1' } });
});
afterAll(() => suite?.close());

const aPair = async (): Promise<[string, string, string]> => {
  const [asha, ravi] = [suite.town.person(), suite.town.person()];
  return [(await suite.direct(asha, ravi)).id, asha, ravi];
};

describe('a direct thread', () => {
  it('is one a pair, whoever opens it, of two customers or two of staff', async () => {
    const [asha, ravi, lena, tom] = [suite.town.person(), suite.town.person(), suite.town.person('support'), suite.town.person('admin')];
    const opened = await Promise.all(
      [asha, ravi, asha, ravi].map((userId) => patiently(() => suite.direct(userId, userId === asha ? ravi : asha))),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(await codeOf(suite.direct(asha, lena))).toBe('not_found');
    expect(await codeOf(suite.direct(lena, asha))).toBe('not_found');
    expect(await codeOf(suite.direct(asha, suite.town.person().replace(/^./, 'f')))).toBe('not_found');
    expect(await codeOf(suite.direct(asha, asha))).toBe('validation_failed');
    const staff = await suite.direct(lena, tom);
    expect(await codeOf(suite.thread(staff.id, asha))).toBe('not_found');
    expect(await codeOf(suite.thread(opened[0]?.id ?? '', lena))).toBe('not_found');
  });

  it('is closed to both alike by a block of one, until it is lifted', async () => {
    const [threadId, asha, ravi] = await aPair();
    await suite.send(threadId, asha);
    const { people, threads } = suite.replica;
    for (let time = 0; time < 2; time += 1) await people.block({ userId: asha }, suite.by(ravi));
    for (const userId of [asha, ravi]) {
      expect(await codeOf(suite.send(threadId, userId))).toBe('chat.blocked');
      expect(await threads.typing({ threadId, typing: true }, suite.by(userId))).toEqual({ userIds: [] });
      expect(await suite.all(threadId, userId)).toHaveLength(1);
    }
    expect(await codeOf(suite.direct(asha, ravi))).toBe('chat.blocked');
    await threads.read({ threadId, sequence: 1 }, suite.by(ravi));
    const other = (await suite.thread(threadId, asha)).participants.find(({ userId }) => userId === ravi);
    expect(other).toMatchObject({ delivered: null, read: null });
    expect((await people.blocks({}, suite.by(ravi))).items).toMatchObject([{ userId: asha }]);
    expect(await codeOf(people.block({ userId: suite.town.person('support') }, suite.by(asha)))).toBe('chat.cannot_block');
    expect(await codeOf(people.block({ userId: threadId }, suite.by(asha)))).toBe('not_found');
    await people.unblock({ userId: asha }, suite.by(ravi));
    expect(await codeOf(suite.send(threadId, asha))).toBe('ok');
  });

  it('hides from each other what one of the two keeps to themselves', async () => {
    const [threadId, asha, ravi] = await aPair();
    await suite.send(threadId, asha);
    await suite.replica.threads.read({ threadId, sequence: 1 }, suite.by(ravi));
    const seenBy = async (viewer: string, of: string) =>
      (await suite.thread(threadId, viewer)).participants.find(({ userId }) => userId === of);
    expect(await seenBy(asha, ravi)).toMatchObject({ delivered: 1, read: 1 });
    await suite.replica.people.setSettings({ readReceipts: false, deliveryReceipts: true, presence: true }, suite.by(asha));
    expect(await seenBy(asha, ravi)).toMatchObject({ delivered: 1, read: null });
    expect(await seenBy(ravi, asha)).toMatchObject({ delivered: 0, read: null });
    expect(await seenBy(ravi, ravi)).toMatchObject({ delivered: 1, read: 1 });
  });

  it('is muted for seven days by the staff, who see reported messages with those before', async () => {
    const [threadId, asha, ravi] = await aPair();
    for (let count = 0; count < 3; count += 1) await suite.send(threadId, ravi, { body: `before ${count}` });
    const { id } = await suite.send(threadId, asha, { body: 'Pay me here' });
    const { reports, messages } = suite.replica;
    expect(await codeOf(reports.report({ id, reason: 'fraud' }, suite.by(asha)))).toBe('chat.own_message');
    const report = await reports.report({ id, reason: 'fraud' }, suite.by(ravi, 'key'));
    expect(await reports.report({ id, reason: 'fraud' }, suite.by(ravi, 'key'))).toMatchObject({ id: report.id, repeated: false });
    expect(await reports.report({ id, reason: 'spam' }, suite.by(ravi))).toMatchObject({ id: report.id, reason: 'fraud', repeated: true });
    await messages.edit({ id, body: 'Nothing' }, suite.by(asha));
    const [seen] = (await reports.reports({ limit: 20, status: 'open' })).items;
    expect(seen).toMatchObject({ id: report.id, message: { id, body: 'Pay me here' } });
    expect(seen?.before.map(({ body }) => body)).toEqual(['before 0', 'before 1', 'before 2']);
    expect((await messages.history({ id })).items.map(({ body }) => body)).toEqual(['Pay me here', 'Nothing']);
    const admin = suite.by(suite.town.person('admin'));
    for (let time = 0; time < 2; time += 1)
      expect(await reports.resolve({ id: report.id, resolution: 'muted' }, admin)).toMatchObject({ status: 'resolved' });
    expect(await codeOf(reports.resolve({ id: report.id, resolution: 'deleted' }, admin))).toBe('chat.already_resolved');
    expect(await codeOf(suite.send(threadId, asha))).toBe('chat.muted');
    const support = await suite.support(asha);
    expect(await codeOf(suite.send(support.id, asha))).toBe('ok');
  });
});

describe('a reported message', () => {
  it('is dealt with as the first of two settles it, and by that alone', async () => {
    const [threadId, asha, ravi] = await aPair();
    for (let round = 0; round < 6; round += 1) {
      const { id } = await suite.send(threadId, asha);
      const report = await suite.replica.reports.report({ id, reason: 'spam' }, suite.by(ravi));
      const settle = (resolution: 'dismissed' | 'deleted', at: 0 | 1) =>
        codeOf(suite.replicas[at].reports.resolve({ id: report.id, resolution }, suite.by(suite.town.person('support'))));
      const codes = await Promise.all([settle('deleted', 0), settle('dismissed', 1)]);
      expect(codes.sort()).toEqual(['chat.already_resolved', 'ok']);
      const settled = (await suite.replica.reports.reports({ limit: 1, status: 'resolved' })).items.find((one) => one.id === report.id);
      const shown = (await suite.all(threadId, ravi)).find((message) => message.id === id);
      expect(shown?.deletedAt !== undefined).toBe(settled?.resolution === 'deleted');
    }
  });
});

describe('a message', () => {
  it('is told again when it comes again, since its telling may have been lost', async () => {
    const [threadId, asha] = await aPair();
    const heard = new Heard(suite.replicas[1]);
    const told = () => heard.sent.filter((message) => message.threadId === threadId).length;
    const input = { threadId, clientMessageId: 'lost', type: 'text' as const, body: 'Is it there?' };
    const { message } = await suite.replica.messages.send(input, suite.by(asha));
    await eventually(() => told() === 1);
    await suite.replica.messages.send(input, suite.by(asha));
    await eventually(() => told() === 2);
    await suite.replica.messages.remove({ id: message.id }, suite.by(asha));
    await suite.replica.messages.remove({ id: message.id }, suite.by(asha));
    await eventually(() => heard.changed.filter(({ id }) => id === message.id).length === 2);
  });

  it('has the fields of its type and no others, and masks card numbers alone', async () => {
    const [threadId, asha] = await aPair();
    const bad = [
      { body: ' ' },
      { body: 'x', productId: threadId },
      { type: 'image' as const },
      { type: 'product' as const, orderId: threadId },
      { type: 'order' as const },
    ];
    for (const fields of bad) expect(await codeOf(suite.send(threadId, asha, fields))).toBe('validation_failed');
    const text = '  4111-1111-1111-1111, 4111111111111112 and +91 98450 12345\n';
    expect((await suite.send(threadId, asha, { body: text })).body).toBe('  ****-****-****-1111, 4111111111111112 and +91 98450 12345\n');
  });

  it('shows products and orders as they are at each look, and files to members until it is deleted', async () => {
    const [threadId, asha, ravi] = await aPair();
    const productId = threadId;
    expect(await codeOf(suite.send(threadId, asha, { type: 'product', productId }))).toBe('not_found');
    suite.town.products.add(productId);
    expect(await suite.send(threadId, asha, { type: 'product', productId })).toMatchObject({ card: { productId, price: 100 } });
    suite.town.products.delete(productId);
    expect((await suite.all(threadId, ravi))[0]).toMatchObject({ type: 'product', card: null });
    const orderId = suite.town.order(asha);
    expect(await codeOf(suite.send(threadId, asha, { type: 'order', orderId }))).toBe('chat.card_not_allowed');
    const support = await suite.support(asha);
    expect(await suite.send(support.id, asha, { type: 'order', orderId })).toMatchObject({ card: { orderId, status: 'confirmed' } });
    suite.town.orders.set(orderId, { userId: asha, status: 'shipped' });
    expect((await suite.all(support.id, asha))[0]).toMatchObject({ card: { status: 'shipped' } });
    expect(await codeOf(suite.send(support.id, asha, { type: 'order', orderId: suite.town.order(ravi) }))).toBe('not_found');

    const fileId = suite.town.file(asha);
    const files = (attachments: string[]) => suite.send(threadId, asha, { type: 'image', attachments });
    expect(await codeOf(files([suite.town.file(ravi)]))).toBe('not_found');
    expect(await codeOf(files([suite.town.file(asha, 'review')]))).toBe('validation_failed');
    expect(await codeOf(files([fileId, fileId]))).toBe('validation_failed');
    const { id } = await files([fileId]);
    const link = (userId: string) => suite.replica.messages.attachment({ id, fileId }, suite.by(userId));
    expect(await link(ravi)).toEqual({ url: `/files/${fileId}?seconds=300`, expiresIn: 300 });
    expect(await codeOf(link(suite.town.person()))).toBe('not_found');
    await suite.replica.messages.remove({ id }, suite.by(asha));
    expect(await codeOf(link(ravi))).toBe('not_found');
    const used = await suite.published<{ ref: string; fileIds: string[] }>('chat.filesUsed');
    expect(used.filter(({ ref }) => ref === id).map(({ fileIds }) => fileIds)).toEqual([[fileId], []]);
  });

  it('is edited and deleted within its time', async () => {
    const [threadId, asha] = await aPair();
    const { id } = await suite.send(threadId, asha);
    const age = (seconds: number) =>
      suite.replica.database.execute(
        sql`UPDATE messages SET created_at = now() - make_interval(secs => ${seconds}::float8) WHERE id = ${id}`,
      );
    await age(901);
    expect(await codeOf(suite.replica.messages.edit({ id, body: 'x' }, suite.by(asha)))).toBe('chat.window_over');
    await age(86_401);
    expect(await codeOf(suite.replica.messages.remove({ id }, suite.by(asha)))).toBe('chat.window_over');
  });

  it('is one of sixty a minute, and a repeat counts for nothing', async () => {
    const slow = await Suite.open({ values: { RATE_LIMIT_SCALE: '0.05' } });
    try {
      const [asha, ravi] = [slow.town.person(), slow.town.person()];
      const { id } = await slow.direct(asha, ravi);
      for (let count = 0; count < 3; count += 1) await slow.send(id, asha, { clientMessageId: `m${count}` });
      expect(await codeOf(slow.send(id, asha))).toBe('rate_limited');
      expect(await codeOf(slow.send(id, asha, { clientMessageId: 'm0' }))).toBe('ok');
      expect(await codeOf(slow.send(id, ravi))).toBe('ok');
    } finally {
      await slow.close();
    }
  });
});

describe('a thread that stays unread', () => {
  const told = async (threadId: string) => (await suite.published<UnreadDue>('chat.unreadDue')).filter((due) => due.threadId === threadId);
  const read = async (threadId: string) => (await suite.published<ThreadRead>('chat.read')).filter((one) => one.threadId === threadId);

  it('is told once until it is read, and reading takes it back', async () => {
    const [threadId, asha, ravi] = await aPair();
    await suite.send(threadId, asha);
    await suite.send(threadId, asha);
    await eventually(async () => (await told(threadId)).length > 0);
    expect(await told(threadId)).toMatchObject([{ userId: ravi, role: 'customer', sequence: 2, count: 2 }]);
    await suite.send(threadId, asha);
    await suite.replica.threads.read({ threadId, sequence: 3 }, suite.by(ravi));
    expect(await read(threadId)).toEqual([{ userId: ravi, threadId, sequence: 3 }]);
    await suite.send(threadId, asha);
    await eventually(async () => (await told(threadId)).length === 2);
  });

  it('is given all its time again once what was unread is deleted', async () => {
    const [threadId, asha, ravi] = await aPair();
    const first = await suite.send(threadId, asha);
    const waits = async () => {
      const row = await suite.replica.database.row<{ since: Date | null; push_at: Date | null; unread: number }>(
        sql`SELECT unread_since AS since, push_at, unread FROM members WHERE thread_id = ${threadId} AND user_id = ${ravi}`,
      );
      return [row?.unread, row?.since ?? null, row?.push_at ?? null] as const;
    };
    await suite.replica.messages.remove({ id: first.id }, suite.by(asha));
    expect(await waits()).toEqual([0, null, null]);
    const [second, third] = [await suite.send(threadId, asha), await suite.send(threadId, asha)];
    await suite.replica.messages.remove({ id: second.id }, suite.by(asha));
    const [unread, since] = await waits();
    expect([unread, since?.toISOString()]).toEqual([1, third.createdAt]);
  });

  it('is not told when it is read in time', async () => {
    const [threadId, asha, ravi] = await aPair();
    await suite.send(threadId, asha);
    await suite.replica.threads.read({ threadId, sequence: 1 }, suite.by(ravi));
    const row = await suite.replica.database.row<{ push_at: Date | null }>(
      sql`SELECT push_at FROM members WHERE thread_id = ${threadId} AND user_id = ${ravi}`,
    );
    expect([row?.push_at, await told(threadId), await read(threadId)]).toEqual([null, [], []]);
  });
});

describe('threads of a user', () => {
  it('come latest activity first, page by page, with what is unread in all of them', async () => {
    const asha = suite.town.person();
    const threads = [];
    for (let count = 0; count < 5; count += 1) {
      const other = suite.town.person();
      const { id } = await suite.direct(other, asha);
      threads.push(id);
      await suite.send(id, other);
    }
    await suite.replica.threads.read({ threadId: threads[0] ?? '', sequence: 1 }, suite.by(asha));
    const page = (query: object) => suite.replica.threads.threads({ userId: asha, limit: 2, ...query });
    const first = await page({});
    expect([first.items.map(({ id }) => id), first.totalUnread]).toEqual([[threads[4], threads[3]], 4]);
    const second = await page({ cursor: first.nextCursor });
    expect(second.items.map(({ id }) => id)).toEqual([threads[2], threads[1]]);
    expect((await page({ limit: 10, unread: true })).items).toHaveLength(4);
    const unread = await suite.replica.threads.myUnread({}, suite.by(asha));
    expect(unread).toMatchObject({ unread: 4 });
    await suite.replica.threads.read({ threadId: threads[1] ?? '', sequence: 1 }, suite.by(asha));
    const later = await suite.replica.threads.myUnread({}, suite.by(asha));
    expect([later.unread, later.version > unread.version]).toEqual([3, true]);
  });

  it('are in the archive of what somebody wrote, page by page', async () => {
    const [threadId, asha] = await aPair();
    for (let count = 0; count < 3; count += 1) await suite.send(threadId, asha, { body: `${count}` });
    const { content, next } = await suite.replica.exports.exportOf({ userId: asha });
    expect([JSON.parse(content).map(({ body }: { body: string }) => body), next]).toEqual([['0', '1', '2'], null]);
  });

  it('have no names while auth is away, and are there', async () => {
    const [threadId, asha] = await aPair();
    suite.town.isAway = true;
    try {
      const { participants } = await suite.thread(threadId, asha);
      expect(participants.map(({ name }) => name)).toEqual([undefined, undefined]);
      expect(await codeOf(suite.send(threadId, asha))).toBe('ok');
    } finally {
      suite.town.isAway = false;
    }
  });
});
