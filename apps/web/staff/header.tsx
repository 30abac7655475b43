import { Link } from 'wouter';
import { Person } from '../parts/icons.tsx';
import { Bell } from '../parts/notifications/bell.tsx';
import { ChatLink } from '../parts/notifications/chat-link.tsx';
import { signOut } from '../parts/renewal.ts';
import { session } from '../parts/session.ts';
import { SHOP } from './base.ts';

export function Header() {
  const signedIn = session.use();
  return (
    <header className="site">
      <Link to="/" className="logo" aria-label="Only2U staff, the first page">
        <span>Only</span>
        <em>2</em>
        <span>U</span>
        <small> staff</small>
      </Link>
      <nav className="site-links" aria-label="Your account">
        <a href={SHOP}>Shop</a>
        {signedIn !== undefined && (
          <>
            <ChatLink />
            <Bell />
            <Link to="/account/security" className="account-link" aria-label={`Account of ${signedIn.user.name}`}>
              <Person />
              <span className="wide-only">{signedIn.user.name}</span>
            </Link>
            <button type="button" className="plain" onClick={signOut}>
              Sign out
            </button>
          </>
        )}
      </nav>
    </header>
  );
}
