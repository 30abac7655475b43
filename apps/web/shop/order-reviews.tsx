import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { leftOf } from '../parts/order/order-units.ts';

/** Ways to say what one thinks of what was delivered and kept. */
export function OrderReviews({ order: { items } }: { order: Schemas['Order'] }) {
  const kept = new Map(items.filter((item) => leftOf(item) > 0).map(({ productId, name }) => [productId, name]));
  if (kept.size === 0) return null;
  return (
    <section className="panel" aria-labelledby="to-review">
      <h2 id="to-review">How do you like it?</h2>
      <ul className="summary">
        {[...kept].map(([productId, name]) => (
          <li key={productId}>
            <span className="what">{name}</span>
            <Link to={`/review/${productId}`} aria-label={`Review ${name}`}>
              Review
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
