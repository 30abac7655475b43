import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedbackMoved } from '#libs/contracts/feedback/messages';
import type { Feedback } from '#libs/contracts/feedback/views';
import { codeOf, patiently } from '#libs/testing/builders';
import {
  answers,
  by,
  bySupport,
  close,
  listed,
  merges,
  open,
  published,
  queue,
  seenByAuthor,
  seenByStaff,
  send,
  titled,
  voices,
} from './feedback-fixture.ts';

beforeAll(() => open());
afterAll(close);

const vote = ({ id }: { id: string }, userId: string) => voices.vote({ id }, by(userId));
const unvote = ({ id }: { id: string }, userId: string) => voices.unvote({ id }, by(userId));
const merge = (source: { id: string }, target: { id: string }) => merges.merge({ id: source.id, into: target.id }, bySupport());
const unmerge = ({ id }: { id: string }) => merges.unmerge({ id }, bySupport());
const votesOf = async ({ id }: { id: string }): Promise<number> => (await seenByStaff(id)).votes;
const toldOf = async (ids: readonly string[]): Promise<[string, string, string][]> =>
  (await published<FeedbackMoved>('feedback.moved'))
    .filter(({ feedbackId }) => ids.includes(feedbackId))
    .flatMap(({ feedbackId, userIds, status }) => userIds.map((userId): [string, string, string] => [feedbackId, userId, status]));

describe('votes', () => {
  it('are people, however often and at once they vote', async () => {
    const one = await send();
    const voters = Array.from({ length: 10 }, () => uuidv7());
    expect(await codeOf(vote(one, voters[0] ?? ''))).toBe('not_found');
    await titled(one);
    await Promise.all([...voters, ...voters].map((voter) => patiently(() => vote(one, voter))));
    expect(await votesOf(one)).toBe(11);
    await Promise.all([...voters, ...voters].slice(0, 15).map((voter) => patiently(() => unvote(one, voter))));
    expect(await votesOf(one)).toBe(1);
    expect(await codeOf(vote(one, one.userId ?? ''))).toBe('feedback.own_feedback');
    expect(await vote(one, uuidv7())).toEqual({ votes: 2, voted: true });
  });

  it('are none of what is held or unknown', async () => {
    const held = await titled(await send(uuidv7(), { message: 'http://a http://b http://c http://d' }));
    expect(held.held).toBe(true);
    expect(await codeOf(vote(held, uuidv7()))).toBe('not_found');
    expect(await codeOf(vote({ id: uuidv7() }, uuidv7()))).toBe('not_found');
  });
});

describe('news', () => {
  it('go to author and voters who want them, and a vote that is repeated asks for none again', async () => {
    const one = await send();
    await titled(one);
    const [voter, quiet] = [uuidv7(), uuidv7()];
    await vote(one, voter);
    await vote(one, quiet);
    expect(await voices.subscribe({ id: one.id, subscribed: false }, by(quiet))).toEqual({ subscribed: false });
    await vote(one, quiet);
    expect(await codeOf(voices.subscribe({ id: one.id, subscribed: true }, by(uuidv7())))).toBe('not_found');
    await queue.move({ id: one.id, status: 'planned' }, bySupport());
    expect((await toldOf([one.id])).map(([, userId]) => userId).sort()).toEqual([one.userId, voter].sort());
    await voices.subscribe({ id: one.id, subscribed: false }, by(one.userId ?? ''));
    expect(await seenByAuthor(one)).toMatchObject({ subscribed: false, status: 'planned' });
  });
});

describe('merging', () => {
  it('unites people, shows the source the moves of the target and never its words, and can be taken back', async () => {
    const [source, target] = [await send(), await send()];
    const both = uuidv7();
    await Promise.all([titled(source), titled(target)]);
    await vote(source, both);
    await vote(target, both);
    await vote(source, uuidv7());
    const before = { source: await seenByStaff(source.id), target: await seenByStaff(target.id) };
    expect(await merge(source, target)).toMatchObject({ id: target.id, votes: 4, mergedFrom: [source.id] });
    await queue.move({ id: target.id, status: 'in_review', reply: 'To the author of the target' }, bySupport());

    const seen = await seenByAuthor(source);
    expect(seen).toMatchObject({ status: 'in_review', replies: [], subject: source.subject });
    expect(seen.timeline.map(({ status }) => status)).toEqual(['open', 'in_review']);
    expect(JSON.stringify(seen)).not.toContain(target.id);
    const forStaff = await seenByStaff(source.id);
    expect(forStaff).toMatchObject({ status: 'open', mergedInto: target.id });
    expect(forStaff.timeline.map(({ status }) => status)).toEqual(['open']);
    expect((await toldOf([source.id, target.id])).map(([id, userId]) => [id, userId])).toHaveLength(4);
    expect(await toldOf([source.id])).toContainEqual([source.id, source.userId, 'in_review']);

    expect(await codeOf(queue.move({ id: source.id, status: 'planned' }, bySupport()))).toBe('feedback.merged');
    expect(await codeOf(vote(source, uuidv7()))).toBe('feedback.merged');
    expect(await codeOf(answers.reply({ id: source.id, body: 'Hello?' }, by(source.userId ?? '')))).toBe('feedback.merged');

    const newcomer = uuidv7();
    await vote(target, newcomer);
    const apart = await unmerge(source);
    expect({ ...apart, updatedAt: '' }).toEqual({ ...before.source, updatedAt: '' });
    expect(await seenByStaff(target.id)).toMatchObject({ votes: before.target.votes + 1, mergedFrom: [] });
    expect((await seenByAuthor(source)).timeline.map(({ status }) => status)).toEqual(['open']);
  });

  it('is refused for itself, from or into a merged one, and from one with merged ones', async () => {
    const [a, b, c] = [await send(), await send(), await send()];
    const code = (work: Promise<unknown>) => codeOf(work);
    expect(await code(merge(a, a))).toBe('feedback.merge_conflict');
    expect(await code(merge(a, { id: uuidv7() }))).toBe('not_found');
    expect(await code(unmerge(a))).toBe('feedback.merge_conflict');
    await merge(a, b);
    expect(await code(merge(a, c))).toBe('feedback.merge_conflict');
    expect(await code(merge(c, a))).toBe('feedback.merge_conflict');
    expect(await code(merge(b, c))).toBe('feedback.merge_conflict');
    expect(await merge(c, b)).toMatchObject({ votes: 3, mergedFrom: [a.id, c.id] });
  });

  it('of two into each other at once happens once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await send(), await send()];
      const codes = await Promise.all([codeOf(merge(a, b)), codeOf(merge(b, a))]);
      expect(codes.sort()).toEqual(['feedback.merge_conflict', 'ok']);
    }
  });
});

/** What a history of votes, merges and unmerges comes to, done one after the other. */
type Step =
  | { readonly kind: 'vote' | 'unvote'; readonly item: number; readonly voter: number }
  | { readonly kind: 'merge'; readonly item: number; readonly into: number }
  | { readonly kind: 'unmerge'; readonly item: number };
const ITEMS = 4;
const VOTERS = 5;
const item = fc.nat(ITEMS - 1);
const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('vote' as const, 'unvote' as const), item, voter: fc.nat(VOTERS - 1) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('merge' as const), item, into: item }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('unmerge' as const), item }) },
  ),
  { minLength: 5, maxLength: 30 },
);

async function play(step: Step, items: readonly Feedback[], voters: readonly string[]): Promise<string> {
  const one = items[step.item] as Feedback;
  if (step.kind === 'merge') return codeOf(() => patiently(() => merge(one, items[step.into] as Feedback)));
  if (step.kind === 'unmerge') return codeOf(() => patiently(() => unmerge(one)));
  return codeOf(() => patiently(() => (step.kind === 'vote' ? vote : unvote)(one, voters[step.voter] ?? '')));
}

const prepared = async () => {
  const items = await Promise.all(Array.from({ length: ITEMS }, () => send()));
  await Promise.all(items.map((one) => titled(one)));
  return { items, voters: Array.from({ length: VOTERS }, () => uuidv7()) };
};

describe('a random history of votes and merges', () => {
  it('one step after the other has the votes of a model', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { items, voters } = await prepared();
        const people = items.map(() => new Set<number>());
        const into = items.map((): number | undefined => undefined);
        for (const step of history) {
          const code = await play(step, items, voters);
          if (step.kind === 'vote' || step.kind === 'unvote') {
            expect(code).toBe(into[step.item] === undefined ? 'ok' : 'feedback.merged');
            if (code === 'ok' && step.kind === 'vote') people[step.item]?.add(step.voter);
            if (code === 'ok' && step.kind === 'unvote')
              for (const [index, voted] of people.entries()) if (index === step.item || into[index] === step.item) voted.delete(step.voter);
          } else if (step.kind === 'merge') {
            const isLegal =
              step.item !== step.into && into[step.item] === undefined && into[step.into] === undefined && !into.includes(step.item);
            expect(code).toBe(isLegal ? 'ok' : 'feedback.merge_conflict');
            if (isLegal) into[step.item] = step.into;
          } else {
            expect(code).toBe(into[step.item] === undefined ? 'feedback.merge_conflict' : 'ok');
            into[step.item] = undefined;
          }
        }
        const expected = items.map((_, index) => {
          const group = items.flatMap((_one, other) => (other === index || into[other] === index ? [other] : []));
          return group.length + new Set(group.flatMap((other) => [...(people[other] ?? [])])).size;
        });
        expect(await Promise.all(items.map(votesOf))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('all at once ends with counts that a recount finds, and with nothing merged twice', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const { items, voters } = await prepared();
        const codes = await Promise.all(history.map((step) => play(step, items, voters)));
        expect(codes.filter((code) => !['ok', 'feedback.merged', 'feedback.merge_conflict'].includes(code))).toEqual([]);
        const seen = await Promise.all(items.map(({ id }) => seenByStaff(id)));
        for (const one of seen) {
          if (one.mergedInto !== undefined) expect(seen.find(({ id }) => id === one.mergedInto)?.mergedInto).toBeUndefined();
        }
        // A voter who comes new to each and goes again makes both count from the rows.
        for (const [index, one] of items.entries()) {
          if (seen[index]?.mergedInto !== undefined) continue;
          await vote(one, voters[0] ?? '');
          const { votes } = await unvote(one, voters[0] ?? '');
          const shown = await vote(one, voters[0] ?? '');
          expect(shown.votes).toBe(votes + 1);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('what the queue counts', () => {
  it('is what a recount finds after a random history of all that changes it, all at once', async () => {
    const items = await Promise.all(Array.from({ length: 12 }, () => send()));
    await Promise.all(
      fc.sample(fc.record({ at: fc.nat(11), to: fc.nat(11), kind: fc.nat(4) }), 150).map(({ at, to, kind }) => {
        const [one, other] = [items[at] as Feedback, items[to] as Feedback];
        const steps = [
          () => queue.move({ id: one.id, status: 'planned' }, bySupport()),
          () => queue.move({ id: one.id, status: 'resolved' }, bySupport()),
          () => merge(one, other),
          () => unmerge(one),
          () => send(uuidv7(), to % 2 === 0 ? {} : { message: 'http://a http://b http://c http://d' }),
        ];
        return codeOf(() => patiently(async () => steps[kind]?.()));
      }),
    );
    const { total, counts } = await listed({});
    const recounted = await listed({ from: '2020-01-01T00:00:00Z' });
    expect({ total, counts }).toEqual({ total: recounted.total, counts: recounted.counts });
    expect(total).toBeGreaterThan(12);
  });
});
