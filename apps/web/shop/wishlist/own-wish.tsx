import { useId, useState } from 'react';
import { Link } from 'wouter';
import { useAction, useTick } from '../../parts/action.ts';
import { Refused } from '../../parts/notices.tsx';
import type { Collection, Wish } from '../wishes.ts';
import { type Alert, alerts, lists } from './lists.ts';
import { WishCard } from './wish-card.tsx';

interface OwnWishProps {
  readonly wish: Wish;
  readonly list: Collection;
  readonly others: readonly Collection[];
  readonly waiting: readonly Alert[];
  readonly say: (words: string) => void;
}

/** A wish of one's own: to the cart, to another list, to be told of, or off the list. */
export function OwnWish({ wish, list, others, waiting, say }: OwnWishProps) {
  const { busy, failure, run } = useAction();
  const { name, slug, availability, variantId } = wish;
  const isBuyable = availability === 'in_stock' || availability === 'low_stock';
  const toCart = async (): Promise<void> => {
    await lists.toCart(list.id, wish);
    say(`Moved to the cart: ${name}.`);
  };
  const move = async (collectionId: string): Promise<void> => {
    await lists.move(list.id, wish, collectionId);
    say(`Moved: ${name}.`);
  };
  const take = async (): Promise<void> => {
    await lists.take(list.id, wish);
    say(`Removed: ${name}.`);
  };
  return (
    <WishCard wish={wish}>
      {isBuyable && variantId !== null && (
        <button type="button" className="button" disabled={busy} aria-label={`Move to cart: ${name}`} onClick={() => run(toCart)}>
          Move to cart
        </button>
      )}
      {isBuyable && variantId === null && (
        <Link to={`/p/${slug}`} className="button secondary" aria-label={`Choose a size: ${name}`}>
          Choose a size
        </Link>
      )}
      <AlertSwitch wish={wish} waiting={waiting} />
      {others.length > 0 && <MoveTo name={name} others={others} isBusy={busy} move={(id) => run(() => move(id))} />}
      <button type="button" className="plain" disabled={busy} aria-label={`Remove: ${name}`} onClick={() => run(take)}>
        Remove
      </button>
      <Refused failure={failure} />
    </WishCard>
  );
}

interface MoveToProps {
  readonly name: string;
  readonly others: readonly Collection[];
  readonly isBusy: boolean;
  readonly move: (id: string) => void;
}

/** With a button, for arrow keys choose at once where they open no menu. */
function MoveTo({ name, others, isBusy, move }: MoveToProps) {
  const id = useId();
  const [chosen, choose] = useState('');
  return (
    <div className="move-to">
      <label htmlFor={id} className="unseen">{`Another list for ${name}`}</label>
      <select id={id} value={chosen} disabled={isBusy} onChange={({ target }) => choose(target.value)}>
        <option value="">Another list …</option>
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {other.name}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="plain"
        disabled={isBusy || chosen === ''}
        aria-label={`Move to this list: ${name}`}
        onClick={() => move(chosen)}
      >
        Move
      </button>
    </div>
  );
}

/** Tells of stock where it is gone, else of a lower price. */
function AlertSwitch({ wish, waiting }: { wish: Wish; waiting: readonly Alert[] }) {
  const { productId, variantId, availability } = wish;
  if (availability === 'unavailable' || availability === 'unknown' || (availability === 'out_of_stock' && variantId === null)) return null;
  const kind = availability === 'out_of_stock' ? 'back_in_stock' : 'price_drop';
  const mine = waiting.find((one) => one.kind === kind && one.productId === productId && one.variantId === variantId);
  return <AlertTick kind={kind} wish={wish} mine={mine} />;
}

interface AlertTickProps {
  readonly kind: Alert['kind'];
  readonly wish: Wish;
  readonly mine: Alert | undefined;
}

function AlertTick({ kind, wish, mine }: AlertTickProps) {
  const { isOn, busy, failure, choose } = useTick(mine !== undefined, () =>
    mine === undefined ? alerts.start(kind, wish) : alerts.stop(mine.id),
  );
  const words = kind === 'back_in_stock' ? 'Tell me when it is back' : 'Tell me when it costs less';
  return (
    <>
      <label className="tell">
        <input
          type="checkbox"
          checked={isOn}
          disabled={busy}
          aria-label={`${words}: ${wish.name}`}
          onChange={({ target }) => choose(target.checked)}
        />
        <span>{words}</span>
      </label>
      <Refused failure={failure} />
    </>
  );
}
