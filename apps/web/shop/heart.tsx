import { useAction } from '../parts/action.ts';
import { HeartShape } from '../parts/icons.tsx';
import { Refused } from '../parts/notices.tsx';
import { type GuestWish, wishes } from './wishes.ts';

/** Wishes for a product, or stops; `words`: says so in words too. */
export function Heart({ wish, words = false }: { wish: GuestWish; words?: boolean }) {
  const { busy, failure, run } = useAction();
  const isHeld = wishes.useHolds(wish.productId);
  const toggle = (): Promise<void> => run(() => (isHeld ? wishes.remove(wish.productId) : wishes.add(wish)));
  return (
    <>
      <button
        type="button"
        className={words ? 'heart button secondary large' : 'heart'}
        aria-pressed={isHeld}
        aria-label={words ? undefined : `On the wishlist: ${wish.name}`}
        disabled={busy}
        onClick={toggle}
      >
        <HeartShape />
        {words && <span>{isHeld ? 'On your wishlist' : 'Add to wishlist'}</span>}
      </button>
      <Refused failure={failure} />
    </>
  );
}
