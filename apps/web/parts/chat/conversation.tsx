import { type ReactNode, useMemo, useState } from 'react';
import type { ChatSocket } from '#libs/client/chat-socket';
import type { Message, Thread } from '#libs/client/chat-types';
import { session } from '../session.ts';
import './chat.css';
import { ChatFailed, ChatLoading, LineState } from './chat-notices.tsx';
import { outbox } from './chat-outbox.ts';
import { useChatWords } from './chat-words.ts';
import type { ProductLink } from './message-card.tsx';
import { MessageList } from './message-list.tsx';
import type { RowContext } from './message-row.tsx';
import { nameIn, summaryOf } from './message-text.ts';
import type { ThreadRoom } from './thread-room.ts';
import { useFollowing, useRoom } from './use-thread.ts';

export interface Opened {
  readonly thread: Thread;
  readonly room: ThreadRoom;
  readonly socket: ChatSocket | undefined;
  readonly isLive: boolean;
}

interface ConversationProps {
  readonly threadId: string;
  readonly isStaff: boolean;
  readonly ProductLink: ProductLink;
  readonly title: (thread: Thread) => string;
  readonly header: (opened: Opened) => ReactNode;
  /** Below the messages: where one writes, or why one cannot. */
  readonly footer: (opened: Opened) => ReactNode;
}

type RoomProps = Omit<ConversationProps, 'threadId'> & { readonly room: ThreadRoom };

/** One thread: its messages, what comes, and what is said of it. */
export function Conversation({ threadId, ...rest }: ConversationProps) {
  const words = useChatWords();
  const [news, setNews] = useState('');
  const me = session.use()?.user.id;
  const room = useRoom(threadId, (messages) => {
    const thread = room?.view.get().thread;
    if (thread === undefined) return;
    const others = messages.filter(({ senderId, type }) => senderId !== me && type !== 'system');
    // Own ones are heard while they are written, and a page of history is not told at all.
    if (others.length > 0) setNews(others.map((message) => toldOf(thread, message)).join(' '));
  });
  const toldOf = (thread: Thread, message: Message): string =>
    words.heard(nameIn(words, thread, message.senderId), summaryOf(words, thread, message));
  return (
    <>
      <p className="unseen" role="status" aria-live="polite" data-testid="told">
        {news}
      </p>
      {room === undefined ? <ChatLoading words={words.loadingMessages} /> : <Room room={room} {...rest} />}
    </>
  );
}

function Room({ room, isStaff, ProductLink, title, header: drawHeader, footer: drawFooter }: RoomProps) {
  const words = useChatWords();
  const { thread, failure } = room.view.use();
  const { socket, isLive } = useFollowing(room);
  const waiting = outbox.use(room.threadId);
  const me = session.use()?.user.id ?? '';
  const isIn = thread?.participants.some(({ userId }) => userId === me) ?? false;
  const mayDeleteAll = isStaff && thread?.kind === 'support';
  const context = useMemo(
    (): RowContext => ({ room, me, ProductLink, mayDeleteAll, mayReport: isIn }),
    [room, me, ProductLink, mayDeleteAll, isIn],
  );
  if (thread === undefined) {
    return failure === undefined ? (
      <ChatLoading words={words.loadingMessages} />
    ) : (
      <ChatFailed failure={failure} retry={() => void room.read()} />
    );
  }
  const opened = { thread, room, socket, isLive };
  const [header, footer] = [drawHeader(opened), drawFooter(opened)];
  return (
    <div className="conversation">
      {header}
      <LineState isLive={isLive} />
      <MessageList thread={thread} context={context} waiting={waiting} title={title(thread)} />
      {footer}
    </div>
  );
}
