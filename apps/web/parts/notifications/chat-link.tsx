import { useEffect } from 'react';
import { Link } from 'wouter';
import { WAITING } from '../chat/waiting-key.ts';
import { isKept } from '../site-data.ts';
import { useUnreadChats } from './unread.ts';

const MOST = 99;

/** Leads to the chats and shows how many messages are unread. */
export function ChatLink() {
  const unread = useUnreadChats() ?? 0;
  useEffect(() => {
    // What was written and not sent leaves on whatever page is opened next; without the code it waits for another one.
    if (isKept(WAITING)) import('../chat/chat-outbox.ts').catch(() => undefined);
  }, []);
  const words = unread > MOST ? `${MOST}+` : String(unread);
  return (
    <Link to="/chat" className="account-link" data-testid="chat-link" aria-label={unread === 0 ? 'Chats' : `Chats, ${words} unread`}>
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4 5h16v11H10l-4.5 3.5V16H4z" />
      </svg>
      {unread > 0 && <span className="count">{words}</span>}
    </Link>
  );
}
