import type { ReactNode } from 'react';
import { Link, Route, Switch, useLocation, useSearchParams } from 'wouter';
import { Frame } from '../parts/frame.tsx';
import { lazily } from '../parts/lazily.tsx';
import { Empty } from '../parts/notices.tsx';
import { session } from '../parts/session.ts';
import { BASE } from './base.ts';
import { CartPage } from './cart.page.tsx';
import { CataloguePage } from './catalogue.page.tsx';
import { Header } from './header.tsx';
import { ProductPage } from './product.page.tsx';

const SearchResults = lazily('what was found', async () => (await import('./search-results.tsx')).SearchResults);
const SignInPage = lazily('this page', async () => (await import('../parts/sign-in/sign-in.page.tsx')).SignInPage);
const CheckoutPage = lazily('the checkout', async () => (await import('./checkout.page.tsx')).CheckoutPage);
const OrderPage = lazily('your order', async () => (await import('./order.page.tsx')).OrderPage);
const OrdersPage = lazily('your orders', async () => (await import('./orders.page.tsx')).OrdersPage);
const ReviewPage = lazily('your review', async () => (await import('./review.page.tsx')).ReviewPage);
const OwnReviewPage = lazily('your review', async () => (await import('./own-review.page.tsx')).OwnReviewPage);
const VerifyEmailPage = lazily('your confirmation', async () => (await import('./verify-email.page.tsx')).VerifyEmailPage);
const ForgotPasswordPage = lazily('this page', async () => (await import('../parts/sign-in/forgot-password.page.tsx')).ForgotPasswordPage);
const ResetPasswordPage = lazily('this page', async () => (await import('../parts/sign-in/reset-password.page.tsx')).ResetPasswordPage);
const FeedbackPage = lazily('your feedback', async () => (await import('./feedback.page.tsx')).FeedbackPage);
const NewFeedbackPage = lazily('this page', async () => (await import('./new-feedback.page.tsx')).NewFeedbackPage);
const FeedbackItemPage = lazily('your feedback', async () => (await import('./feedback-item.page.tsx')).FeedbackItemPage);
const WishlistPage = lazily('your wishlist', async () => (await import('./wishlist/wishlist.page.tsx')).WishlistPage);
const SharedListPage = lazily('the list', async () => (await import('./wishlist/shared-list.page.tsx')).SharedListPage);
const ReferralPage = lazily('this page', async () => (await import('./referral/referral.page.tsx')).ReferralPage);
const ChatPage = lazily('your chats', async () => (await import('./chat/chat.page.tsx')).ChatPage);
const Account = lazily('your account', async () => (await import('../parts/account/account.tsx')).Account);

const ASHA = { who: 'a customer', email: 'asha@only2u.test' };

export const Shop = () => (
  <Frame base={BASE} header={<Header />} footer={<Footer />}>
    <Switch>
      <Route path="/" component={Front} />
      <Route path="/p/:id">{({ id }) => <ProductPage id={id} />}</Route>
      <Route path="/sign-in">
        <SignInPage demo={ASHA} />
      </Route>
      <Route path="/verify-email" component={VerifyEmailPage} />
      <Route path="/forgot-password" component={ForgotPasswordPage} />
      <Route path="/reset-password" component={ResetPasswordPage} />
      <Route path="/account/*?">
        <SignedIn>
          <Account />
        </SignedIn>
      </Route>
      <Route path="/wishlist" component={WishlistPage} />
      <Route path="/wishlist/shared/:token">{({ token }) => <SharedListPage token={token} />}</Route>
      <Route path="/cart" component={CartPage} />
      <Route path="/checkout">
        <SignedIn>
          <CheckoutPage />
        </SignedIn>
      </Route>
      <Route path="/orders">
        <SignedIn>
          <OrdersPage />
        </SignedIn>
      </Route>
      <Route path="/orders/:id">
        {({ id }) => (
          <SignedIn>
            <OrderPage id={id} />
          </SignedIn>
        )}
      </Route>
      <Route path="/review/:productId">
        {({ productId }) => (
          <SignedIn>
            <ReviewPage productId={productId} />
          </SignedIn>
        )}
      </Route>
      <Route path="/reviews/:id">
        {({ id }) => (
          <SignedIn>
            <OwnReviewPage id={id} />
          </SignedIn>
        )}
      </Route>
      <Route path="/referral">
        <SignedIn>
          <ReferralPage />
        </SignedIn>
      </Route>
      <Route path="/chat/*?">
        <SignedIn>
          <ChatPage />
        </SignedIn>
      </Route>
      <Route path="/feedback">
        <SignedIn>
          <FeedbackPage />
        </SignedIn>
      </Route>
      <Route path="/feedback/new">
        <SignedIn>
          <NewFeedbackPage />
        </SignedIn>
      </Route>
      <Route path="/feedback/:id">
        {({ id }) => (
          <SignedIn>
            <FeedbackItemPage id={id} />
          </SignedIn>
        )}
      </Route>
      <Route>
        <NoSuchPage />
      </Route>
    </Switch>
  </Frame>
);

/** The catalogue, or what was searched for in it: filters stand in the address of both. */
function Front() {
  const [address] = useSearchParams();
  return address.get('q')?.trim() ? <SearchResults /> : <CataloguePage />;
}

/** A page of one's own; whoever is not signed in does that first. */
function SignedIn({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const next = `${path}${location.search}`;
  return session.use() === undefined ? <SignInPage next={next} demo={ASHA} /> : children;
}

const NoSuchPage = () => (
  <Empty title="There is no such page" isPage>
    <Link to="/" className="button">
      To the shop
    </Link>
  </Empty>
);

const Footer = () => (
  <footer>
    <p>Only2U demo shop. Prices include GST. Payments are made on a sandbox; no real money moves and nothing is delivered.</p>
    <nav aria-label="More">
      <Link to="/referral">Bring a friend</Link>
      <Link to="/feedback">Feedback</Link>
    </nav>
  </footer>
);
