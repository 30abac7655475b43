import { Link } from 'wouter';
import { Empty } from '../../parts/notices.tsx';
import { wishes } from '../wishes.ts';

/** What this browser keeps for somebody who is not signed in. */
export function GuestWishes() {
  const kept = wishes.guest.use() ?? [];
  if (kept.length === 0) {
    return (
      <Empty title="Nothing on your wishlist yet">
        <p>The heart on a product puts it here.</p>
        <Link to="/" className="button">
          See what is new
        </Link>
      </Empty>
    );
  }
  return (
    <>
      <p className="panel">
        <span>Your wishes wait for you in this browser. </span>
        <Link to="/sign-in?next=/wishlist">Sign in</Link>
        <span> to keep them everywhere, to share them and to be told when a price falls.</span>
      </p>
      <ul className="grid">
        {kept.toReversed().map(({ productId, variantId, name, slug, image }) => (
          <li key={`${productId} ${variantId}`} className="wish" data-testid="wish">
            <Link to={`/p/${slug}${variantId === undefined ? '' : `?variant=${variantId}`}`} className="card">
              <span className="picture">{image !== null && <img src={image} alt="" loading="lazy" width="600" height="800" />}</span>
              <span className="name">{name}</span>
            </Link>
            <button type="button" className="plain" aria-label={`Remove: ${name}`} onClick={() => wishes.guest.remove(productId)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
