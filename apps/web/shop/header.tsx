import { Link, useLocation } from 'wouter';
import { HeartShape, Person } from '../parts/icons.tsx';
import { Bell } from '../parts/notifications/bell.tsx';
import { ChatLink } from '../parts/notifications/chat-link.tsx';
import { signOut } from '../parts/renewal.ts';
import { isStaff, session } from '../parts/session.ts';
import { BASE } from './base.ts';
import { cart, unitsIn } from './cart.ts';
import { SearchBox } from './search-box.tsx';
import { wishes } from './wishes.ts';

export function Header() {
  const signedIn = session.use();
  const [, navigate] = useLocation();
  const { current } = cart.use();
  // Whatever page comes first after signing in, a guest's wishes come along.
  wishes.useList();
  const units = current === undefined ? 0 : unitsIn(current);
  const leave = (): void => {
    signOut();
    navigate('/');
  };
  return (
    <header className="site">
      <Link to="/" className="logo" aria-label="Only2U, the shop">
        <span>Only</span>
        <em>2</em>
        <span>U</span>
      </Link>
      <SearchBox />
      <nav className="site-links" aria-label="Your account">
        {signedIn === undefined ? (
          <Link to="/sign-in">Sign in</Link>
        ) : (
          <>
            <Link to="/orders">Orders</Link>
            <ChatLink />
            <Bell />
            <Link to="/account/security" className="account-link" aria-label={`Account of ${signedIn.user.name}`}>
              <Person />
              <span className="wide-only">{signedIn.user.name.split(' ', 1)[0]}</span>
            </Link>
            {isStaff(signedIn.user) && <a href={`${BASE}/staff`}>Staff</a>}
            <button type="button" className="plain wide-only" onClick={leave}>
              Sign out
            </button>
          </>
        )}
        <Link to="/wishlist" className="account-link" aria-label="Wishlist">
          <HeartShape />
          <span className="wide-only">Wishlist</span>
        </Link>
        <Link to="/cart" className="cart-link" data-testid="cart-link" aria-label={`Cart, ${units} ${units === 1 ? 'item' : 'items'}`}>
          <span>Cart</span>
          {units > 0 && <span className="count">{units}</span>}
        </Link>
      </nav>
    </header>
  );
}
