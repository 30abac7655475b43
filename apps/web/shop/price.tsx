import { percentOff, rupees } from '../parts/money.ts';

export function Price({ price, mrp }: { price: number; mrp: number }) {
  const off = percentOff(price, mrp);
  return (
    <span className="price">
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
