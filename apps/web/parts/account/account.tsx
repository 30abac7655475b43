import { Link, Redirect, Route, Switch, useLocation } from 'wouter';
import { NotificationsPage } from '../notifications/notifications.page.tsx';
import { PreferencesPage } from '../notifications/preferences.page.tsx';
import { signOut } from '../renewal.ts';
import { SecurityPage } from './security.page.tsx';
import { SessionsPage } from './sessions.page.tsx';

const SECTIONS = [
  { path: '/account/notifications', name: 'Notifications' },
  { path: '/account/settings', name: 'What you are told' },
  { path: '/account/security', name: 'Security' },
  { path: '/account/devices', name: 'Devices' },
] as const;

/** One's own account, in the shop and for staff. */
export function Account() {
  const [path] = useLocation();
  return (
    <>
      <nav className="sections" aria-label="Account">
        {SECTIONS.map(({ path: one, name }) => (
          <Link key={one} to={one} aria-current={path === one ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <div className="account">
        <Switch>
          <Route path="/account/notifications" component={NotificationsPage} />
          <Route path="/account/settings" component={PreferencesPage} />
          <Route path="/account/security" component={SecurityPage} />
          <Route path="/account/devices" component={SessionsPage} />
          <Route>
            <Redirect to="/account/security" replace />
          </Route>
        </Switch>
        {/* Where the header has no room for it. */}
        <button type="button" className="button secondary narrow-only" onClick={signOut}>
          Sign out
        </button>
      </div>
    </>
  );
}
