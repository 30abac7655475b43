import { Link, Route, Switch, useLocation } from 'wouter';
import { Frame } from '../parts/frame.tsx';
import { lazily } from '../parts/lazily.tsx';
import { Empty } from '../parts/notices.tsx';
import { isAdmin, isStaff, type Session, session } from '../parts/session.ts';
import { SignInPage } from '../parts/sign-in/sign-in.page.tsx';
import { BASE } from './base.ts';
import { StaffCouponsPage } from './coupons.page.tsx';
import { Header } from './header.tsx';
import { StaffOrderPage } from './order.page.tsx';
import { StaffOrdersPage } from './orders.page.tsx';
import { StaffSettlementPage } from './settlement.page.tsx';

const Account = lazily('your account', async () => (await import('../parts/account/account.tsx')).Account);
const Authenticator = lazily('this page', async () => (await import('../parts/account/authenticator.tsx')).Authenticator);
const StaffReviewsPage = lazily('the reviews', async () => (await import('./reviews.page.tsx')).StaffReviewsPage);
const Passkeys = lazily('this page', async () => (await import('../parts/account/passkeys.tsx')).Passkeys);
const StaffFeedbackPage = lazily('the feedback', async () => (await import('./feedback.page.tsx')).StaffFeedbackPage);
const StaffFeedbackItemPage = lazily('the feedback', async () => (await import('./feedback-item.page.tsx')).StaffFeedbackItemPage);
const StaffReferralsPage = lazily('the referrals', async () => (await import('./referrals.page.tsx')).StaffReferralsPage);
const StaffProductsPage = lazily('the products', async () => (await import('./products/products.page.tsx')).StaffProductsPage);
const StaffProductPage = lazily('the product', async () => (await import('./products/product.page.tsx')).StaffProductPage);
const NewProductPage = lazily('this page', async () => (await import('./products/product.page.tsx')).NewProductPage);
const StaffCategoriesPage = lazily('the categories', async () => (await import('./products/categories.page.tsx')).StaffCategoriesPage);
const StaffPricesPage = lazily('this page', async () => (await import('./products/prices.page.tsx')).StaffPricesPage);
const StaffImportPage = lazily('this page', async () => (await import('./products/import.page.tsx')).StaffImportPage);
const StaffSizeChartsPage = lazily('the size charts', async () => (await import('./products/size-charts.page.tsx')).StaffSizeChartsPage);
const StaffChatPage = lazily('the chats', async () => (await import('./chat/chat.page.tsx')).StaffChatPage);
const StaffStoragePage = lazily('what is stored', async () => (await import('./storage.page.tsx')).StaffStoragePage);
const StaffSynonymsPage = lazily('the synonyms', async () => (await import('./synonyms.page.tsx')).StaffSynonymsPage);
const ProductPicturesPage = lazily('the pictures', async () => (await import('./products/pictures.page.tsx')).ProductPicturesPage);
const ForgotPasswordPage = lazily('this page', async () => (await import('../parts/sign-in/forgot-password.page.tsx')).ForgotPasswordPage);

const ADMIN = { who: 'an admin', email: 'admin@only2u.test' };

const SECTIONS = [
  { path: '/', name: 'Orders', admin: false },
  { path: '/products', name: 'Products', admin: false },
  { path: '/chat', name: 'Chats', admin: false },
  { path: '/reviews', name: 'Reviews', admin: false },
  { path: '/feedback', name: 'Feedback', admin: false },
  { path: '/synonyms', name: 'Synonyms', admin: false },
  { path: '/settlement', name: 'Settlement', admin: false },
  { path: '/storage', name: 'Storage', admin: false },
  { path: '/coupons', name: 'Coupons', admin: true },
  { path: '/referrals', name: 'Referrals', admin: true },
] as const;

export const Staff = () => (
  <Frame base={BASE} header={<Header />} footer={<footer />}>
    <Counter />
  </Frame>
);

/** The counter's side of the shop, for support and admins. The gateway decides what each of them may. */
function Counter() {
  const signedIn = session.use();
  const user = signedIn?.user;
  const [path] = useLocation();
  if (user === undefined && path === '/forgot-password') return <ForgotPasswordPage />;
  if (user === undefined) return <SignInPage next={`${path}${location.search}`} demo={ADMIN} isForStaff />;
  // Without a second factor nothing else is open to staff.
  if (signedIn?.enrolmentRequired) return <EnrolFirst />;
  if (!isStaff(user)) {
    return (
      <Empty title="This is for those who work here" isPage>
        <p>Sign out, and sign in as somebody of the staff.</p>
      </Empty>
    );
  }
  return (
    <>
      <Sections user={user} path={path} />
      <Switch>
        <Route path="/" component={StaffOrdersPage} />
        <Route path="/orders" component={StaffOrdersPage} />
        <Route path="/orders/:id">{({ id }) => <StaffOrderPage id={id} />}</Route>
        <Route path="/products" component={StaffProductsPage} />
        {isAdmin(user) && <Route path="/products/new" component={NewProductPage} />}
        {isAdmin(user) && <Route path="/products/import" component={StaffImportPage} />}
        {isAdmin(user) && <Route path="/products/prices" component={StaffPricesPage} />}
        {isAdmin(user) && <Route path="/products/categories" component={StaffCategoriesPage} />}
        {isAdmin(user) && <Route path="/products/size-charts" component={StaffSizeChartsPage} />}
        <Route path="/products/:id">{({ id }) => <StaffProductPage id={id} />}</Route>
        <Route path="/chat/*?" component={StaffChatPage} />
        <Route path="/reviews" component={StaffReviewsPage} />
        <Route path="/feedback" component={StaffFeedbackPage} />
        <Route path="/feedback/:id">{({ id }) => <StaffFeedbackItemPage id={id} />}</Route>
        <Route path="/synonyms" component={StaffSynonymsPage} />
        <Route path="/settlement" component={StaffSettlementPage} />
        <Route path="/storage" component={StaffStoragePage} />
        <Route path="/account/*?" component={Account} />
        {isAdmin(user) && <Route path="/coupons" component={StaffCouponsPage} />}
        {isAdmin(user) && <Route path="/referrals" component={StaffReferralsPage} />}
        {isAdmin(user) && <Route path="/products/:id/pictures">{({ id }) => <ProductPicturesPage id={id} />}</Route>}
        <Route>
          <Empty title="There is no such page" isPage>
            <Link to="/" className="button">
              To the orders
            </Link>
          </Empty>
        </Route>
      </Switch>
    </>
  );
}

const EnrolFirst = () => (
  <div className="account">
    <title>One more step – Only2U staff</title>
    <div className="page-head">
      <h1>One more step</h1>
      <p>Whoever works here signs in with a second factor. Set up yours to go on.</p>
    </div>
    <Passkeys />
    <Authenticator />
  </div>
);

function Sections({ user, path }: { user: Session['user']; path: string }) {
  const current = path.startsWith('/orders') ? '/' : (SECTIONS.find(({ path: one }) => one !== '/' && path.startsWith(one))?.path ?? path);
  return (
    <nav className="sections" aria-label="Staff">
      {SECTIONS.filter(({ admin }) => !admin || isAdmin(user)).map(({ path: one, name }) => (
        <Link key={one} to={one} aria-current={current === one ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
