import { Link } from 'wouter';
import { useUnread } from './unread.ts';

const MOST = 99;

/** Leads to the notifications and shows how many are unread. */
export function Bell() {
  const unread = useUnread() ?? 0;
  const words = unread > MOST ? `${MOST}+` : String(unread);
  return (
    <Link
      to="/account/notifications"
      className="account-link"
      data-testid="bell"
      aria-label={unread === 0 ? 'Notifications' : `Notifications, ${words} unread`}
    >
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15z" />
        <path d="M10 21a2.2 2.2 0 0 0 4 0" />
      </svg>
      {unread > 0 && <span className="count">{words}</span>}
    </Link>
  );
}
