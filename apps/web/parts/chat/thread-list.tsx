import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Thread } from '#libs/client/chat-types';
import { useChatWords, useMoments } from './chat-words.ts';
import { summaryOf } from './message-text.ts';

interface ThreadListProps {
  readonly threads: readonly Thread[];
  readonly shownId: string | undefined;
  readonly addressOf: (thread: Thread) => string;
  readonly title: (thread: Thread) => string;
  readonly remark?: (thread: Thread) => ReactNode;
}

/** Threads as links to them, with what was said last. */
export function ThreadList({ threads, shownId, addressOf, title, remark }: ThreadListProps) {
  const words = useChatWords();
  const { momentOf } = useMoments();
  return (
    <ul className="threads" data-testid="threads">
      {threads.map((thread) => {
        const first = remark?.(thread);
        return (
          <li key={thread.id}>
            <Link to={addressOf(thread)} aria-current={thread.id === shownId ? 'page' : undefined}>
              <span className="thread-title">
                <strong>{title(thread)}</strong>
                {thread.unreadCount > 0 && <Unread count={thread.unreadCount} />}
              </span>
              {thread.lastMessage !== null && (
                <span className="thread-last" dir="auto">
                  {summaryOf(words, thread, thread.lastMessage)}
                </span>
              )}
              <span className="pieces">
                {first}
                <span className="quiet">{momentOf(thread.updatedAt)}</span>
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function Unread({ count }: { count: number }) {
  const words = useChatWords();
  return (
    <>
      <span className="count" aria-hidden="true">
        {count}
      </span>
      <span className="unseen">{words.unread(count)}</span>
    </>
  );
}
