import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '#libs/contracts/chat/views';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually, patiently } from '#libs/testing/builders';
import { Heard, Suite } from './chat-fixture.ts';

let suite: Suite;
let [asha, lena, tom]: string[] = [];
beforeAll(async () => {
  suite = await Suite.open();
});
afterAll(() => suite?.close());

const people = () => {
  [asha, lena, tom] = [suite.town.person(), suite.town.person('support', 'Lena'), suite.town.person('support', 'Tom')];
  return { asha, lena, tom };
};
const claim = (threadId: string, userId: string, at: 0 | 1 = 0) => suite.replicas[at].desk.claim({ threadId }, suite.by(userId));
const close = (threadId: string, userId: string, note?: string) =>
  suite.replica.desk.close({ threadId, ...(note === undefined ? {} : { note }) }, suite.by(userId));
const assign = (threadId: string, assigneeId: string | null, by: string) =>
  suite.replica.desk.assign({ threadId, assigneeId }, suite.by(by));
const eventsOf = (messages: readonly Message[]) => messages.flatMap(({ system }) => system?.event ?? []);

describe('a support thread', () => {
  it('is seen by its customer and the staff, and does not exist for anybody else', async () => {
    const { asha, lena } = people();
    const { id } = await suite.support(asha);
    const stranger = suite.town.person();
    expect(await suite.thread(id, lena)).toMatchObject({ status: 'open', unreadCount: 0 });
    const { threads, messages, desk } = suite.replica;
    const by = suite.by(stranger);
    const message = await suite.send(id, asha);
    for (const attempt of [
      () => threads.thread({ threadId: id }, by),
      () => messages.messages({ threadId: id, limit: 5 }, by),
      () => suite.send(id, stranger),
      () => threads.read({ threadId: id, sequence: 1 }, by),
      () => threads.typing({ threadId: id, typing: true }, by),
      () => messages.sync({ threadId: id, after: 0, limit: 5 }, by),
      () => messages.edit({ id: message.id, body: 'x' }, by),
      () => messages.remove({ id: message.id }, by),
      () => desk.close({ threadId: id }, by),
      () => suite.replica.reports.report({ id: message.id, reason: 'spam' }, by),
    ])
      expect(await codeOf(attempt())).toBe('not_found');
  });

  it('is written in by staff who have claimed it, of whom there is one', async () => {
    const { asha, lena, tom } = people();
    const { id } = await suite.support(asha);
    await suite.send(id, asha, { body: 'Hello?' });
    expect((await suite.thread(id, asha)).waitingSince).toBeDefined();
    expect(await codeOf(suite.send(id, lena))).toBe('chat.not_claimed');
    const codes = await Promise.all([codeOf(claim(id, lena)), codeOf(claim(id, tom, 1))]);
    expect(codes.sort()).toEqual(['chat.already_claimed', 'ok']);
    const { assigneeId = '' } = await suite.thread(id, asha);
    const again = await claim(id, assigneeId);
    expect(again).toMatchObject({ status: 'assigned', assigneeId, unreadCount: 1 });
    await suite.send(id, assigneeId, { body: 'Here I am' });
    expect((await suite.thread(id, asha)).waitingSince).toBeUndefined();
    expect(eventsOf(await suite.all(id, asha))).toEqual(['claimed']);
    expect(await suite.thread(id, asha)).toMatchObject({ unreadCount: 1, lastSequence: 3, revision: 3 });
  });

  it('moves with a message each, goes back to the queue, and is opened again by its customer', async () => {
    const { asha, lena, tom } = people();
    const { id } = await suite.support(asha);
    await assign(id, tom, lena);
    expect(await codeOf(assign(id, asha, lena))).toBe('chat.not_staff');
    await assign(id, tom, lena);
    await assign(id, null, lena);
    expect(await suite.thread(id, lena)).toMatchObject({ status: 'open', participants: [{ userId: asha }] });
    await claim(id, lena);
    for (let time = 0; time < 2; time += 1) expect(await close(id, asha, 'Thanks')).toMatchObject({ status: 'closed' });
    expect(await codeOf(suite.send(id, lena))).toBe('chat.thread_closed');
    expect(await codeOf(claim(id, tom))).toBe('chat.thread_closed');
    const sent = await suite.send(id, asha, { body: 'One more thing' });
    const all = await suite.all(id, asha);
    expect(eventsOf(all)).toEqual(['assigned', 'released', 'claimed', 'closed', 'reopened']);
    expect([sent.sequence, all.at(-2)?.system?.event]).toEqual([6, 'reopened']);
    expect(await suite.thread(id, asha)).toMatchObject({ status: 'open', participants: [{ userId: asha }] });
    await close(id, lena);
    await suite.replica.database.execute(sql`UPDATE threads SET closed_at = now() - interval '15 days' WHERE id = ${id}`);
    expect(await codeOf(suite.send(id, asha))).toBe('chat.thread_closed');
    expect(await codeOf(suite.replica.desk.reopen({ threadId: id }, suite.by(asha)))).toBe('chat.thread_closed');
    expect(await suite.replica.desk.reopen({ threadId: id }, suite.by(lena))).toMatchObject({ status: 'open' });
  });

  it('about an order is one until it is closed, and five are open at most', async () => {
    const { asha } = people();
    const orderId = suite.town.order(asha);
    const opened = await Promise.all([0, 1, 0, 1].map(() => patiently(() => suite.support(asha, orderId))));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    expect(await codeOf(suite.support(suite.town.person(), orderId))).toBe('not_found');
    const first = opened[0]?.id ?? '';
    await close(first, asha);
    expect((await suite.support(asha, orderId)).id).not.toBe(first);
    const codes = await Promise.all(Array.from({ length: 6 }, () => codeOf(patiently(() => suite.support(asha)))));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(4);
    expect(codes.filter((code) => code === 'chat.too_many_open')).toHaveLength(2);
  });

  it('has staff added and taken out, but keeps its customer and who has it', async () => {
    const { asha, lena, tom } = people();
    const { id } = await suite.support(asha);
    await claim(id, lena);
    const add = (userId: string) => suite.replica.desk.addParticipant({ threadId: id, userId }, suite.by(lena));
    const remove = (userId: string) => suite.replica.desk.removeParticipant({ threadId: id, id: userId }, suite.by(lena));
    expect((await add(tom)).participants.map(({ userId }) => userId)).toEqual([asha, lena, tom]);
    await add(tom);
    expect(await codeOf(add(asha))).toBe('chat.not_staff');
    await suite.send(id, tom);
    for (const userId of [asha, lena]) expect(await codeOf(remove(userId))).toBe('chat.stays');
    await remove(tom);
    expect(await codeOf(remove(tom))).toBe('ok');
    expect(await codeOf(suite.send(id, tom))).toBe('chat.not_claimed');
    expect(eventsOf(await suite.all(id, asha))).toEqual(['claimed', 'participant_added', 'participant_removed']);
  });

  it('has ten of the staff at most, however they come', async () => {
    const { asha, lena, tom } = people();
    const { id } = await suite.support(asha);
    const staff = Array.from({ length: 10 }, () => suite.town.person('support'));
    for (const userId of staff) await suite.replica.desk.addParticipant({ threadId: id, userId }, suite.by(lena));
    expect(await codeOf(claim(id, lena))).toBe('chat.too_many_participants');
    expect(await codeOf(assign(id, tom, lena))).toBe('chat.too_many_participants');
    await assign(id, staff[0] ?? '', lena);
    // Who was added stays when the thread is somebody else's.
    expect(await codeOf(assign(id, tom, lena))).toBe('chat.too_many_participants');
    await suite.replica.desk.removeParticipant({ threadId: id, id: staff[9] ?? '' }, suite.by(lena));
    expect(await codeOf(assign(id, tom, lena))).toBe('ok');
    await assign(id, null, lena);
    // Who only had it makes room for the next.
    expect(await codeOf(claim(id, lena))).toBe('ok');
    expect(await codeOf(assign(id, tom, lena))).toBe('ok');
  });

  it('is not taken or opened by somebody who works here no more, whatever their token says', async () => {
    const { asha, lena } = people();
    const { id } = await suite.support(asha);
    const hear = (roles: string[], version: number) =>
      suite.replica.hears((delivery) =>
        suite.replica.reactions.onAuthAccountChanged(
          { userId: lena, roles, disabled: false, version, at: new Date().toISOString() },
          delivery,
        ),
      );
    const open = () => suite.replica.threads.open({ kind: 'support', subject: 'About your order', participantIds: [asha] }, suite.by(lena));
    await hear(['customer'], 2);
    expect(await codeOf(claim(id, lena))).toBe('forbidden');
    expect(await codeOf(open())).toBe('forbidden');
    await hear(['support'], 3);
    expect(await codeOf(claim(id, lena))).toBe('ok');
    expect(await codeOf(open())).toBe('ok');
  });

  it('goes back to the queue when its assignee works here no more', async () => {
    const { asha, lena } = people();
    const { id } = await suite.support(asha);
    await claim(id, lena);
    const heard = new Heard(suite.replicas[1]);
    const news = { userId: lena, roles: ['customer'], disabled: false, version: 2, at: new Date().toISOString() };
    await suite.replica.hears((delivery) => suite.replica.reactions.onAuthAccountChanged(news, delivery));
    const thread = await suite.thread(id, asha);
    expect([thread.status, thread.assigneeId, thread.participants.length]).toEqual(['open', undefined, 1]);
    expect((await suite.all(id, asha)).at(-1)?.system).toEqual({ event: 'released', actorId: null, subjectId: lena });
    expect(await eventually(() => heard.sent.find(({ threadId }) => threadId === id))).toMatchObject({
      sequence: 2,
      system: { event: 'released' },
    });
  });

  it('is told of when an erased account leaves it', async () => {
    const { asha, lena } = people();
    const { id } = await suite.support(asha);
    await claim(id, lena);
    const heard = new Heard(suite.replicas[1]);
    for (const userId of [lena, asha]) {
      const erased = { userId, at: new Date().toISOString() };
      await suite.replica.hears((delivery) => suite.replica.reactions.onAuthErased(erased, delivery));
      await eventually(async () => (await suite.all(id, suite.town.person('support'))).length === (userId === lena ? 2 : 3));
    }
    const events = () => eventsOf(heard.sent.filter(({ threadId }) => threadId === id));
    await eventually(() => events().length === 2);
    expect(events()).toEqual(['released', 'closed']);
  });
});

describe('the queue', () => {
  it('has the longest unanswered first, by status and by who has them', async () => {
    const { asha, lena } = people();
    const threads = [await suite.support(asha), await suite.support(asha), await suite.support(asha)].map(({ id }) => id);
    const [first = '', second = '', third = ''] = threads;
    for (const id of [second, first]) await suite.send(id, asha);
    const list = async (query: object = {}) => {
      const page = await suite.replica.desk.support({ sort: 'waiting', limit: 20, userId: asha, ...query }, suite.by(lena));
      return page.items.map(({ id }) => id);
    };
    expect(await list()).toEqual([second, first, third]);
    await claim(first, lena);
    expect(await list({ assigneeId: 'me' })).toEqual([first]);
    expect(await list({ assigneeId: 'none', status: 'open' })).toEqual([second, third]);
    expect(await list({ q: 'WHERE is' })).toHaveLength(3);
    expect(await list({ q: '100%' })).toEqual([]);
    const page = await suite.replica.desk.support({ sort: 'activity', limit: 2, userId: asha }, suite.by(lena));
    expect(page.items.map(({ id }) => id)).toEqual([first, second]);
    const rest = await suite.replica.desk.support(
      { sort: 'activity', limit: 2, userId: asha, cursor: page.nextCursor ?? '' },
      suite.by(lena),
    );
    expect([rest.items.map(({ id }) => id), rest.nextCursor, page.counts.mine]).toEqual([[third], null, 1]);
  });
});

describe('canned answers', () => {
  it('have one shortcut a language, and what they leave open is filled for a thread', async () => {
    const { asha, lena } = people();
    const orderId = suite.town.order(asha);
    const { id: threadId } = await suite.support(asha, orderId);
    const { canned } = suite.replica;
    const answer = { shortcut: 'late', title: 'Late', body: 'Dear {{customer.name}}, {{order.number}} is late. {{x}}', locale: 'en' };
    const { id } = await canned.addCanned(answer, suite.by(lena, 'key'));
    expect(await canned.addCanned(answer, suite.by(lena, 'key'))).toMatchObject({ id });
    expect(await codeOf(canned.addCanned(answer, suite.by(lena)))).toBe('chat.shortcut_taken');
    await canned.addCanned({ ...answer, locale: 'hi' }, suite.by(lena));
    const [filled] = (await canned.canned({ q: 'late', threadId }, suite.by(lena))).items;
    expect(filled?.body).toBe('Dear Asha, O2U-26-000123 is late. {{x}}');
    expect(await canned.changeCanned({ id, title: 'Delayed' })).toMatchObject({ shortcut: 'late', title: 'Delayed' });
    await canned.removeCanned({ id });
    expect(await codeOf(canned.removeCanned({ id }))).toBe('not_found');
  });
});
