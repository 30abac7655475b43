import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message, NewMessage } from '#libs/client/chat-types';
import { type Failure, ShopFailure } from '../failure.ts';
import { createStore } from '../store.ts';
import { Outbox, type Waiting } from './outbox.ts';

const AWAY: Failure = { kind: 'unreachable' };
const REFUSED: Failure = {
  kind: 'refused',
  problem: { type: 'about:blank', title: 'Forbidden', status: 403, code: 'chat.blocked', detail: 'Blocked', requestId: 'r' },
};
const text = (clientMessageId: string): NewMessage => ({ threadId: 't', clientMessageId, type: 'text', body: clientMessageId });

function outboxOf(reader: { userId: string }, kept = createStore<readonly Waiting[] | undefined>(undefined)) {
  const answers: (Failure | 'sent')[] = [];
  const tried: string[] = [];
  const sent: string[] = [];
  const outbox = new Outbox({
    kept: { ...kept, readAgain: kept.get },
    userId: () => reader.userId,
    send: async ({ clientMessageId }) => {
      tried.push(clientMessageId);
      const answer = answers.shift() ?? 'sent';
      if (answer !== 'sent') throw new ShopFailure(answer);
      // Only its id is looked at here.
      return { clientMessageId } as Message;
    },
    sent: ({ clientMessageId }) => void sent.push(clientMessageId ?? ''),
  });
  const waiting = (): readonly string[] => (kept.get() ?? []).map(({ message }) => message.clientMessageId);
  return { outbox, kept, answers, tried, sent, waiting };
}

describe('what was written in a chat', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits without a network, is tried under one id, and leaves in the order it was written in', async () => {
    const { outbox, answers, tried, sent, waiting } = outboxOf({ userId: 'asha' });
    answers.push(AWAY, AWAY);
    outbox.add(text('one'));
    outbox.add(text('two'));
    await vi.advanceTimersByTimeAsync(0);
    expect(waiting()).toEqual(['one', 'two']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tried).toEqual(['one', 'one', 'one', 'two']);
    expect(sent).toEqual(['one', 'two']);
    expect(waiting()).toEqual([]);
  });

  it('is sent by the next page, if it was not by the one it was written on', async () => {
    const reader = { userId: 'asha' };
    const first = outboxOf(reader);
    first.answers.push(AWAY);
    first.outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(0);
    const next = outboxOf(reader, first.kept);
    await next.outbox.flush();
    expect(next.sent).toEqual(['one']);
    expect(next.waiting()).toEqual([]);
  });

  it('stays with the reason where the shop says no, holds nothing else up, and is sent under the same id at a retry', async () => {
    const { outbox, kept, answers, tried, waiting } = outboxOf({ userId: 'asha' });
    answers.push(REFUSED);
    outbox.add(text('one'));
    outbox.add(text('two'));
    await vi.advanceTimersByTimeAsync(0);
    expect(tried).toEqual(['one', 'two']);
    expect(kept.get()).toMatchObject([{ message: { clientMessageId: 'one' }, refusal: REFUSED }]);
    outbox.retry('one');
    await vi.advanceTimersByTimeAsync(0);
    expect(tried).toEqual(['one', 'two', 'one']);
    expect(waiting()).toEqual([]);
  });

  it('waits as long as the shop asks for', async () => {
    const { outbox, answers, sent } = outboxOf({ userId: 'asha' });
    answers.push({ kind: 'busy', retryAfter: 30 });
    outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toEqual(['one']);
  });

  it('of one is neither sent nor kept for the next who signs in', async () => {
    const reader = { userId: 'asha' };
    const { outbox, answers, tried, waiting } = outboxOf(reader);
    answers.push(AWAY);
    outbox.add(text('one'));
    await vi.advanceTimersByTimeAsync(0);
    reader.userId = 'ravi';
    await outbox.flush();
    expect(tried).toEqual(['one']);
    outbox.add(text('two'));
    await vi.advanceTimersByTimeAsync(0);
    expect(tried).toEqual(['one', 'two']);
    expect(waiting()).toEqual([]);
  });
});
