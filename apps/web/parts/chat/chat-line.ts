import { useEffect, useState } from 'react';
import { type ChatNews, ChatSocket } from '#libs/client/chat-socket';
import type { Presence, Thread } from '#libs/client/chat-types';
import { renew } from '../renewal.ts';
import { session } from '../session.ts';
import { createStore } from '../store.ts';

/** The page that comes next may chat too. */
const LINGERING_MS = 3_000;

const line = createStore<ChatSocket | undefined>(undefined);
const isLive = createStore(false);
let holders = 0;
let speaker: string | undefined;
let ending: ReturnType<typeof setTimeout> | undefined;

function open(): void {
  const userId = session.get()?.user.id;
  if (userId === speaker && line.get() !== undefined) return;
  close();
  if (userId === undefined) return;
  speaker = userId;
  delivered.clear();
  const socket = new ChatSocket({ baseUrl: '', accessToken });
  socket.on('state', (state) => {
    if (socket === line.get()) isLive.set(state === 'open');
  });
  socket.on('message', ({ threadId, sequence, senderId }) => {
    if (senderId !== userId) void tellDelivered(threadId, sequence);
  });
  line.set(socket);
}

function close(): void {
  const socket = line.get();
  line.set(undefined);
  isLive.set(false);
  socket?.close();
}

async function accessToken(isSpent: boolean): Promise<string | undefined> {
  const known = session.get()?.accessToken;
  if (isSpent && known !== undefined && (await renew(known)) !== undefined) throw new Error('the session cannot be renewed now');
  return session.get()?.accessToken;
}

/** Up to where this page has told it, by thread. */
const delivered = new Map<string, number>();

/** Who only watches has no pointers, and a pointer that is not told now is told with the next message. */
async function tellDelivered(threadId: string, sequence: number): Promise<void> {
  if ((delivered.get(threadId) ?? 0) >= sequence) return;
  delivered.set(threadId, sequence);
  await line
    .get()
    ?.ask('message:delivered', { threadId, sequence })
    .catch(() => delivered.delete(threadId));
}

/** Tells that the last message of each of these has come here. */
export function useDelivered(threads: readonly Thread[] | undefined): void {
  const { isLive } = useChatLine();
  useEffect(() => {
    const me = session.get()?.user.id;
    for (const { id, lastMessage, lastSequence, participants } of isLive ? (threads ?? []) : []) {
      const own = participants.find(({ userId }) => userId === me);
      if (own !== undefined && lastMessage?.senderId !== me && (own.delivered ?? 0) < lastSequence) void tellDelivered(id, lastSequence);
    }
  }, [threads, isLive]);
}

function hold(): () => void {
  clearTimeout(ending);
  holders += 1;
  open();
  return () => {
    holders -= 1;
    ending = setTimeout(() => {
      if (holders === 0) close();
    }, LINGERING_MS);
  };
}

/** The connection to the chat while the page that asks for it is shown. */
export function useChatLine(): { readonly socket: ChatSocket | undefined; readonly isLive: boolean } {
  const userId = session.use()?.user.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another user has another connection.
  useEffect(hold, [userId]);
  return { socket: line.use(), isLive: isLive.use() };
}

/** Hears one kind of news while the page is shown. */
export function useChatNews<E extends keyof ChatNews>(event: E, heard: (news: ChatNews[E]) => void): void {
  const { socket } = useChatLine();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done with the news is the same at each drawing.
  useEffect(() => socket?.on(event, heard), [socket, event]);
}

/** Whether somebody is there, as far as they let it be known. */
export function usePresence(userId: string | undefined): Presence | undefined {
  const { socket, isLive } = useChatLine();
  const [presence, setPresence] = useState<Presence>();
  useEffect(() => {
    if (socket === undefined || !isLive || userId === undefined) return undefined;
    let isWanted = true;
    const stop = socket.on('presence', (told) => {
      if (told.userId === userId) setPresence(told);
    });
    socket.ask('presence', { userIds: [userId] }).then(
      ({ items: [known] }) => {
        if (isWanted) setPresence(known);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
      stop();
    };
  }, [socket, isLive, userId]);
  return isLive ? presence : undefined;
}
