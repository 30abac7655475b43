import { useEffect, useRef } from 'react';
import { api, ask } from '../parts/api.ts';
import { Empty } from '../parts/notices.tsx';
import { Link, navigate, usePlace } from '../parts/router.tsx';
import { isStaff, session } from '../parts/session.ts';
import { SignInPage } from '../parts/sign-in.page.tsx';
import { StaffPage } from '../staff/staff.tsx';
import { CartPage } from './cart.page.tsx';
import { cart, unitsIn } from './cart.ts';
import { CataloguePage } from './catalogue.page.tsx';
import { CheckoutPage } from './checkout.page.tsx';
import { OrderPage } from './order.page.tsx';
import { OrdersPage } from './orders.page.tsx';
import { ProductPage } from './product.page.tsx';

export function Shop() {
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const userId = session.use()?.user.id;
  const shown = useRef(path);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever signs in or out has another cart.
  useEffect(() => {
    // A page that needs the cart loads it itself, and says so when it cannot.
    cart.load().catch(() => undefined);
    // Cleaned up before any page of the next one loads theirs.
    return cart.forget;
  }, [userId]);

  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // So that screen readers begin with the new page and not where the old one was left.
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        {pageAt(path, userId !== undefined)}
      </main>
      <footer>
        <p>Only2U demo shop. Prices include GST. Payments are made on a sandbox; no real money moves and nothing is delivered.</p>
      </footer>
    </>
  );
}

function pageAt(path: string, isSignedIn: boolean) {
  const [, page = '', id = '', detail = ''] = path.split('/');
  if (page === '') return <CataloguePage />;
  if (page === 'p' && id !== '') return <ProductPage key={id} id={decodeURIComponent(id)} />;
  if (page === 'sign-in') return <SignInPage />;
  if (!isSignedIn && ['checkout', 'orders', 'staff'].includes(page)) return <SignInPage next={path} />;
  if (page === 'cart') return <CartPage />;
  if (page === 'checkout') return <CheckoutPage />;
  if (page === 'staff') return <StaffPage section={id} id={detail} />;
  if (page === 'orders') return id === '' ? <OrdersPage /> : <OrderPage key={id} id={id} />;
  return (
    <Empty title="There is no such page">
      <Link to="/" className="button">
        To the shop
      </Link>
    </Empty>
  );
}

function Header() {
  const signedIn = session.use();
  const current = cart.use();
  const units = current === undefined ? 0 : unitsIn(current);
  const signOut = (): void => {
    // Whether or not the shop hears of it, this tab forgets who it was.
    ask(() => api.POST('/api/auth/logout', { body: {} }))
      .catch(() => undefined)
      .finally(session.end);
    navigate('/');
  };
  return (
    <header className="site">
      <Link to="/" className="logo" aria-label="Only2U, the shop">
        Only<span>2</span>U
      </Link>
      <nav className="site-links" aria-label="Your account">
        {signedIn === undefined ? (
          <Link to="/sign-in">Sign in</Link>
        ) : (
          <>
            <span className="wide-only">Namaste, {signedIn.user.name.split(' ', 1)[0]}</span>
            <Link to="/orders">Orders</Link>
            {isStaff(signedIn.user) && <Link to="/staff">Staff</Link>}
            <button type="button" className="plain" onClick={signOut}>
              Sign out
            </button>
          </>
        )}
        <Link to="/cart" className="cart-link" data-testid="cart-link" aria-label={`Cart, ${units} ${units === 1 ? 'item' : 'items'}`}>
          Cart
          {units > 0 && <span className="count">{units}</span>}
        </Link>
      </nav>
    </header>
  );
}
