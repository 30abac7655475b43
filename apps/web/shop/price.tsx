import { percentOff, rupees } from '../parts/money.ts';

interface PriceProps {
  readonly price: number;
  readonly mrp: number;
  /** Some sizes or colours cost more. */
  readonly isLowest?: boolean;
}

export function Price({ price, mrp, isLowest = false }: PriceProps) {
  const off = percentOff(price, mrp);
  return (
    <span className="price">
      {isLowest && <span className="from">from </span>}
      <strong>{rupees(price)}</strong>
      {mrp > price && (
        <>
          <s>
            <span className="unseen">MRP </span>
            <span>{rupees(mrp)}</span>
          </s>
          {off > 0 && <span className="off">{`${off}% off`}</span>}
        </>
      )}
    </span>
  );
}
