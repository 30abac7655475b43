import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { rupees } from '../../parts/money.ts';
import { Price } from '../price.tsx';
import type { Wish } from '../wishes.ts';

const MARKS: Partial<Record<Wish['availability'], string>> = {
  out_of_stock: 'Out of stock',
  unavailable: 'No longer sold',
  low_stock: 'Only a few left',
};

/** A wish as it is now, with what can be done with it below. */
export function WishCard({ wish, children }: { wish: Wish; children?: ReactNode }) {
  const { name, slug, image, size, color, variantId, price, mrp, addedPrice, availability, note } = wish;
  const isGone = availability === 'unavailable';
  const mark = MARKS[availability];
  const details = [color, size].filter(Boolean).join(' · ');
  const inside = (
    <>
      <span className="picture">
        {image !== null && <img src={image} alt="" loading="lazy" width="600" height="800" />}
        {mark !== undefined && <span className="mark">{mark}</span>}
      </span>
      <span className="name">{name}</span>
    </>
  );
  return (
    <li className="wish" data-testid="wish">
      {isGone ? (
        <div className="card gone">{inside}</div>
      ) : (
        <Link
          to={`/p/${slug}${variantId === null ? '' : `?variant=${variantId}`}`}
          className={availability === 'out_of_stock' ? 'card gone' : 'card'}
        >
          {inside}
        </Link>
      )}
      {details !== '' && <p className="quiet">{details}</p>}
      {price !== null && mrp !== null && <Price price={price} mrp={mrp} />}
      {price !== null && price < addedPrice && <p className="note">{`${rupees(addedPrice - price)} less than when you added it`}</p>}
      {availability === 'unknown' && <p className="quiet">The price cannot be shown right now.</p>}
      {note !== undefined && <p className="quiet">{note}</p>}
      {children}
    </li>
  );
}
