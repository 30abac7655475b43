import { Link } from 'wouter';
import { useUnreadChats } from './unread.ts';

const MOST = 99;

/** Leads to the chats and shows how many messages are unread. */
export function ChatLink() {
  const unread = useUnreadChats() ?? 0;
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
