import type { Message, Receipt, Thread } from '#libs/client/chat-types';

type Participant = Thread['participants'][number];
export type Tick = 'sent' | 'delivered' | 'read';

/** Ascending, each message once, in its newest form. */
export function merged(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const bySequence = new Map(known.map((message) => [message.sequence, message]));
  for (const message of more) {
    const before = bySequence.get(message.sequence);
    if (before === undefined || before.revision <= message.revision) bySequence.set(message.sequence, message);
  }
  return [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
}

/** Those who are told of what this one writes: in a support thread the other side, which has read when one of it has. */
const readersOf = ({ kind, participants }: Thread, userId: string): readonly Participant[] => {
  const own = participants.find((one) => one.userId === userId);
  return participants.filter((one) => one.userId !== userId && (kind === 'direct' || one.role !== (own?.role ?? 'staff')));
};

/** How far a message of this user has come. */
export function tickOf(thread: Thread, { sequence, senderId }: Message): Tick {
  const readers = readersOf(thread, senderId ?? '');
  if (readers.some(({ read }) => (read ?? 0) >= sequence)) return 'read';
  return readers.some(({ delivered }) => (delivered ?? 0) >= sequence) ? 'delivered' : 'sent';
}

/** What somebody keeps to themselves says nothing of what is known. */
const higher = (before: number | null, after: number | null): number | null => (after === null ? before : Math.max(before ?? 0, after));

/** The pointers of one participant as they are now; they never go back. */
export const withReceipts = (thread: Thread, receipts: readonly Receipt[]): Thread => ({
  ...thread,
  participants: thread.participants.map((one) => {
    const receipt = receipts.find(({ userId }) => userId === one.userId);
    return receipt === undefined
      ? one
      : { ...one, delivered: higher(one.delivered, receipt.delivered), read: higher(one.read, receipt.read) };
  }),
});

/** A thread as it was just told, whichever of the two was told first. */
export function newer(known: Thread | undefined, told: Thread): Thread {
  if (known === undefined) return told;
  const [older, later] = told.revision >= known.revision ? [known, told] : [told, known];
  return withReceipts(
    later,
    older.participants.map((one) => ({ ...one, threadId: later.id })),
  );
}

export const peerOf = ({ participants }: Thread, userId: string | undefined): Participant | undefined =>
  participants.find((one) => one.userId !== userId);
