import { describe, expect, it } from 'vitest';
import type { Message, Thread } from '#libs/client/chat-types';
import { merged, newer, tickOf, withReceipts } from './thread-state.ts';

const AT = '2026-11-30T10:00:00.000Z';
const message = (sequence: number, change: Partial<Message> = {}): Message => ({
  ...{ id: `m${sequence}`, threadId: 't', senderId: 'asha', clientMessageId: `c${sequence}`, sequence, revision: sequence },
  ...{ type: 'text', body: `${sequence}`, createdAt: AT },
  ...change,
});
const participant = (userId: string, role: 'customer' | 'staff', read: number | null, delivered = read) => ({
  ...{ userId, name: userId, role, read, delivered },
});
const thread = (change: Partial<Thread> = {}): Thread => ({
  ...{
    id: 't',
    kind: 'support',
    status: 'open',
    lastMessage: null,
    lastSequence: 3,
    revision: 3,
    unreadCount: 0,
    createdAt: AT,
    updatedAt: AT,
  },
  participants: [participant('asha', 'customer', 3)],
  ...change,
});

describe('the messages of a thread', () => {
  it('are shown once, ascending, and in their newest form, whichever came first', () => {
    const edited = message(2, { revision: 9, body: 'new' });
    expect(merged([message(2), message(4)], [message(3), edited])).toEqual([edited, message(3), message(4)]);
    expect(merged([edited], [message(2)])).toEqual([edited]);
  });
});

describe('the ticks of a message', () => {
  it('tell of the other side: one of the staff has read it, and colleagues of the sender do not count', () => {
    const staff = [participant('asha', 'customer', 3), participant('lena', 'staff', 2, 3), participant('tom', 'staff', 0)];
    const asked = thread({ participants: staff });
    expect(tickOf(asked, message(2))).toBe('read');
    expect(tickOf(asked, message(3))).toBe('delivered');
    expect(tickOf(asked, message(4))).toBe('sent');
    expect(tickOf(asked, message(3, { senderId: 'tom' }))).toBe('read');
    expect(tickOf(asked, message(4, { senderId: 'tom' }))).toBe('sent');
  });

  it('stay at sent where the other does not let it be known', () => {
    const hidden = thread({ kind: 'direct', participants: [participant('asha', 'customer', 3), participant('ravi', 'customer', null)] });
    expect(tickOf(hidden, message(1))).toBe('sent');
  });

  it('never go back, whatever is told later', () => {
    const read = withReceipts(thread(), [{ threadId: 't', userId: 'asha', delivered: 2, read: 1 }]);
    expect(read.participants).toMatchObject([{ delivered: 3, read: 3 }]);
    expect(withReceipts(read, [{ threadId: 't', userId: 'asha', delivered: null, read: null }]).participants).toMatchObject([{ read: 3 }]);
    const stale = newer(
      thread({ revision: 5, unreadCount: 2 }),
      thread({ revision: 4, participants: [participant('asha', 'customer', 4)] }),
    );
    expect(stale).toMatchObject({ revision: 5, unreadCount: 2, participants: [{ read: 4 }] });
  });
});
