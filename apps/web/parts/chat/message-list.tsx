import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Thread } from '#libs/client/chat-types';
import { ChatLoading } from './chat-notices.tsx';
import { useChatWords, useMoments } from './chat-words.ts';
import { MessageRow, type RowContext } from './message-row.tsx';
import { nameIn, systemText } from './message-text.ts';
import type { Waiting } from './outbox.ts';
import { tickOf } from './thread-state.ts';
import { WaitingRow } from './waiting-row.tsx';

/** So near to an end, it counts as reached. */
const NEAR_PX = 60;
/** Older ones are read before the reader comes to the first. */
const AHEAD_PX = 400;

interface MessageListProps {
  readonly thread: Thread;
  readonly context: RowContext;
  readonly waiting: readonly Waiting[];
  readonly title: string;
}

/** The messages between the beginning and the newest; what comes above or below moves nothing that is being read. */
export function MessageList({ thread, context, waiting, title }: MessageListProps) {
  const { room, me } = context;
  const words = useChatWords();
  const { dayOf } = useMoments();
  const { messages, hasOlder, isReadingOlder, typing } = room.view.use();
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const place = useRef({ isAtEnd: true, first: 0, fromEnd: 0, top: 0 });
  const [isBehind, setIsBehind] = useState(false);
  const first = messages[0]?.sequence ?? 0;
  const last = messages.at(-1)?.sequence ?? 0;
  const unsent = waiting.filter(({ message }) => !messages.some(({ clientMessageId }) => clientMessageId === message.clientMessageId));

  const toTheEnd = (): void => {
    const { current } = box;
    if (current !== null) current.scrollTop = current.scrollHeight;
  };
  const look = (): void => {
    const { current } = box;
    if (current === null) return;
    const fromEnd = current.scrollHeight - current.scrollTop;
    const isAtEnd = fromEnd - current.clientHeight < NEAR_PX;
    place.current = { ...place.current, isAtEnd, fromEnd, top: current.scrollTop };
    setIsBehind(!isAtEnd);
    if (current.scrollTop < AHEAD_PX) void room.older();
    if (isAtEnd && document.visibilityState === 'visible') void room.markRead();
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn anew is what may have moved.
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    // Whoever has just scrolled up is not brought back: that they did is told a frame later.
    if (place.current.isAtEnd && current.scrollTop >= place.current.top) toTheEnd();
    // What came above pushed the rest down.
    else if (first < place.current.first) current.scrollTop = current.scrollHeight - place.current.fromEnd;
    place.current.first = first;
    look();
  }, [first, last, messages, unsent.length, typing, thread]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever writes wants to see it.
  useLayoutEffect(() => {
    if (waiting.length > 0) toTheEnd();
  }, [waiting.length]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same for as long as the list is there.
  useEffect(() => {
    // A keyboard that opens, a picture that has come.
    const sizes = new ResizeObserver(() => {
      if (place.current.isAtEnd) toTheEnd();
    });
    if (box.current !== null) sizes.observe(box.current);
    if (list.current !== null) sizes.observe(list.current);
    document.addEventListener('visibilitychange', look);
    return () => {
      sizes.disconnect();
      document.removeEventListener('visibilitychange', look);
    };
  }, []);

  let day = '';
  return (
    <div className="messages-frame">
      {isReadingOlder && <ChatLoading words={words.loadingOlder} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className="messages" ref={box} onScroll={look} tabIndex={0} aria-label={words.messagesOf(title)}>
        {!hasOlder && <p className="quiet centred">{messages.length + unsent.length === 0 ? words.noMessages : words.beginning}</p>}
        <ol ref={list}>
          {messages.flatMap((message) => {
            const date = dayOf(message.createdAt);
            const isNewDay = date !== day;
            day = date;
            return [
              isNewDay && (
                <li key={`day ${message.sequence}`} className="chat-day">
                  <span>{date}</span>
                </li>
              ),
              <MessageRow
                key={message.id}
                message={message}
                context={context}
                sender={message.type === 'system' ? systemText(words, thread, message) : nameIn(words, thread, message.senderId)}
                tick={message.senderId === me ? tickOf(thread, message) : undefined}
              />,
            ];
          })}
          {unsent.map((one) => (
            <WaitingRow key={one.message.clientMessageId} waiting={one} />
          ))}
        </ol>
        <p className="typing quiet" data-testid="typing">
          {typing.map((userId) => words.typing(nameIn(words, thread, userId))).join(' ')}
        </p>
      </section>
      {isBehind && (
        <button type="button" className="to-the-end" onClick={toTheEnd} aria-label={words.toTheNewest} title={words.toTheNewest}>
          <span aria-hidden="true">↓</span>
        </button>
      )}
    </div>
  );
}
