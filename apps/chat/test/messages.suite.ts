import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeOf, eventually, patiently } from '#libs/testing/builders';
import { Heard, type Suite } from './chat-fixture.ts';

type Describe = (name: string, tests: () => void) => void;

/** What holds of messages wherever their texts lie. `settled`: once they lie where they stay. */
export function messageSuite(
  name: string,
  describeIt: Describe,
  open: () => Promise<{ suite: Suite; settled: () => Promise<unknown>; close: () => Promise<void> }>,
): void {
  describeIt(name, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let suite: Suite;
    beforeAll(async () => {
      opened = await open();
      suite = opened.suite;
    }, 60_000);
    afterAll(() => opened?.close());

    const aPair = async (): Promise<[string, string, string]> => {
      const [asha, ravi] = [suite.town.person(), suite.town.person()];
      return [(await suite.direct(asha, ravi)).id, asha, ravi];
    };

    it('have one order without holes, whoever sends on whichever replica', async () => {
      const [threadId, asha, ravi] = await aPair();
      const each = 100;
      const sendAll = async (userId: string, at: 0 | 1): Promise<void> => {
        for (let count = 0; count < each; count += 1)
          await patiently(() => suite.send(threadId, userId, { body: `${userId} ${count}` }, suite.replicas[at]));
      };
      await Promise.all([sendAll(asha, 0), sendAll(ravi, 1), sendAll(asha, 1)]);
      const seen = await suite.all(threadId, asha);
      expect(seen.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 3 * each }, (_, index) => index + 1));
      expect(seen.map(({ revision }) => revision)).toEqual(seen.map(({ sequence }) => sequence));
      await opened.settled();
      expect(await suite.all(threadId, ravi)).toEqual(seen);
      const times = seen.map(({ createdAt }) => createdAt);
      expect(times).toEqual([...times].sort());
    }, 120_000);

    it('are the same message when they come again, on another replica, at once, and after an edit', async () => {
      const [threadId, asha, ravi] = await aPair();
      const input = { threadId, clientMessageId: 'once', type: 'text' as const, body: 'Only once' };
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          patiently(() => (suite.replicas[index % 2] ?? suite.replica).messages.send(input, suite.by(asha))),
        ),
      );
      const ids = new Set(answers.map(({ message }) => message.id));
      expect([ids.size, answers.filter(({ repeated }) => !repeated).length]).toEqual([1, 1]);
      const [id = ''] = ids;
      const edited = await suite.replica.messages.edit({ id, body: 'Changed' }, suite.by(asha));
      expect(edited).toMatchObject({ sequence: 1, revision: 2, body: 'Changed' });
      await opened.settled();
      const again = await suite.replicas[1].messages.send(input, suite.by(asha));
      expect(again).toMatchObject({ repeated: true, message: { id, body: 'Changed' } });
      expect(await codeOf(suite.replica.messages.send({ ...input, body: 'Another' }, suite.by(asha)))).toBe(
        'chat.client_message_id_reused',
      );
      // Others may use the same name.
      expect((await suite.replica.messages.send(input, suite.by(ravi))).repeated).toBe(false);
      expect(await suite.all(threadId, ravi)).toHaveLength(2);
    });

    it('are read in pages both ways', async () => {
      const [threadId, asha, ravi] = await aPair();
      for (let count = 1; count <= 12; count += 1) await suite.send(threadId, asha, { body: `${count}` });
      await opened.settled();
      const page = (query: { before?: number; after?: number; limit: number }) =>
        suite.replica.messages.messages({ threadId, ...query }, suite.by(ravi));
      const bodies = ({ items }: Awaited<ReturnType<typeof page>>) => items.map(({ body }) => Number(body));
      const newest = await page({ limit: 5 });
      expect([bodies(newest), newest.hasMore, newest.lastSequence, newest.revision]).toEqual([[8, 9, 10, 11, 12], true, 12, 12]);
      expect(bodies(await page({ before: 8, limit: 5 }))).toEqual([3, 4, 5, 6, 7]);
      expect(await page({ before: 3, limit: 5 })).toMatchObject({ hasMore: false, items: [{ sequence: 1 }, { sequence: 2 }] });
      expect(bodies(await page({ after: 9, limit: 2 }))).toEqual([10, 11]);
      expect(await page({ after: 12, limit: 2 })).toMatchObject({ items: [], hasMore: false });
      expect(await codeOf(page({ before: 3, after: 1, limit: 2 }))).toBe('validation_failed');
    });

    it('that were edited or deleted reach a client that was away by the revision', async () => {
      const [threadId, asha, ravi] = await aPair();
      const sent = [];
      for (let count = 1; count <= 5; count += 1) sent.push((await suite.send(threadId, asha, { body: `${count}` })).id);
      const [first = '', second = ''] = sent;
      await opened.settled();
      await suite.replica.messages.edit({ id: first, body: 'first' }, suite.by(asha));
      for (let time = 0; time < 2; time += 1) await suite.replica.messages.remove({ id: second }, suite.by(asha));
      await suite.send(threadId, ravi);
      const sync = (after: number, revision?: number, limit = 100) =>
        suite.replica.messages.sync({ threadId, after, limit, ...(revision === undefined ? {} : { revision }) }, suite.by(ravi));
      for (let look = 0; look < 2; look += 1) {
        expect(await sync(3, 3)).toMatchObject({
          messages: [{ sequence: 4 }, { sequence: 5 }, { sequence: 6, revision: 8 }],
          changed: [
            { sequence: 1, revision: 6, body: 'first' },
            { sequence: 2, revision: 7, body: '', deletedAt: expect.any(String) },
          ],
          ...{ more: false, lastSequence: 6, revision: 8 },
        });
        await opened.settled();
      }
      expect(await sync(3, undefined, 2)).toMatchObject({ messages: [{ sequence: 4 }, { sequence: 5 }], changed: [], more: true });
      expect(await codeOf(suite.replica.messages.edit({ id: second, body: 'x' }, suite.by(asha)))).toBe('chat.deleted');
      expect(await codeOf(suite.replica.messages.edit({ id: first, body: 'x' }, suite.by(ravi)))).toBe('forbidden');
    });

    it('that nobody has changed are no changes, whatever the client has of them', async () => {
      const [threadId, asha, ravi] = await aPair();
      for (let count = 1; count <= 3; count += 1) await suite.send(threadId, asha);
      expect((await suite.replica.messages.sync({ threadId, after: 3, revision: 0, limit: 10 }, suite.by(ravi))).changed).toEqual([]);
    });

    it('of a support thread are kept without the words that an erased account closed it with', async () => {
      const [asha, lena] = [suite.town.person(), suite.town.person('support', 'Lena')];
      const { id } = await suite.support(asha);
      const heard = new Heard(suite.replicas[1]);
      await suite.replica.desk.close({ threadId: id, note: 'Call me at my office, 4111 1111 1111 1111 12/27' }, suite.by(asha));
      expect((await suite.all(id, lena))[0]).toMatchObject({ body: 'Call me at my office, **** **** **** 1111 12/27' });
      await opened.settled();
      suite.town.people.delete(asha);
      const at = new Date().toISOString();
      await suite.replica.hears((delivery) => suite.replica.reactions.onAuthErased({ userId: asha, at }, delivery));
      const [row] = await eventually(async () => {
        const all = await suite.all(id, lena);
        return all[0]?.body === '' && all;
      });
      expect(row).toMatchObject({ sequence: 1, revision: 2, system: { event: 'closed', actorId: null } });
      await opened.settled();
      const synced = await suite.replica.messages.sync({ threadId: id, after: 1, revision: 1, limit: 10 }, suite.by(lena));
      expect(synced.changed).toMatchObject([{ body: '', system: { event: 'closed', actorId: null } }]);
      expect(await eventually(() => heard.changed.find(({ threadId }) => threadId === id))).toMatchObject({ body: '', revision: 2 });
      await eventually(async () => (await suite.thread(id, lena)).subject === 'Deleted user');
    });

    it('count as unread until they are read, as a recount says, and the pointers never go back', async () => {
      const [threadId, asha, ravi] = await aPair();
      const sent = [];
      for (let count = 1; count <= 6; count += 1) sent.push((await suite.send(threadId, asha)).id);
      await suite.send(threadId, ravi);
      await suite.replica.messages.remove({ id: sent[4] ?? '' }, suite.by(asha));
      expect(await suite.thread(threadId, ravi)).toMatchObject({ unreadCount: 5 });
      const read = (sequence: number) => suite.replica.threads.read({ threadId, sequence }, suite.by(ravi));
      await Promise.all([4, 2, 4, 1, 3].map((sequence) => patiently(() => read(sequence))));
      expect(await read(1)).toEqual({ threadId, delivered: 4, read: 4, unreadCount: 1, totalUnread: 1 });
      expect(await suite.replica.threads.delivered({ threadId, sequence: 2 }, suite.by(ravi))).toMatchObject({ delivered: 4, read: 4 });
      expect(await codeOf(read(99))).toBe('chat.sequence_ahead');
      expect(await read(7)).toMatchObject({ unreadCount: 0, totalUnread: 0 });
      const { participants } = await suite.thread(threadId, asha);
      expect(participants.find(({ userId }) => userId === asha)).toMatchObject({ read: 0 });
      expect(participants.find(({ userId }) => userId === ravi)).toMatchObject({ delivered: 7, read: 7 });
    });

    it('of an erased account are emptied, and its peers are told that it is gone', async () => {
      const [threadId, asha, ravi] = await aPair();
      const heard = new Heard(suite.replicas[1]);
      await suite.send(threadId, asha, { body: 'My address' });
      await suite.send(threadId, ravi, { body: 'Thanks' });
      await opened.settled();
      suite.town.people.delete(asha);
      const at = new Date().toISOString();
      await suite.replica.hears((delivery) => suite.replica.reactions.onAuthErased({ userId: asha, at }, delivery));
      await eventually(async () => (await suite.all(threadId, ravi))[0]?.senderId === null);
      expect(await eventually(() => heard.changed.find((message) => message.threadId === threadId))).toMatchObject({
        body: '',
        revision: 3,
      });
      await opened.settled();
      expect((await suite.all(threadId, ravi))[0]).toMatchObject({ senderId: null, clientMessageId: null, body: '', sequence: 1 });
      const { unreadCount, participants } = await suite.thread(threadId, ravi);
      expect([unreadCount, participants.find(({ userId }) => userId === asha)?.name]).toEqual([0, 'Deleted user']);
      expect(await codeOf(suite.send(threadId, ravi))).toBe('chat.peer_gone');
    });
  });
}
