import type { ReactElement, ReactNode } from 'react';
import type { Schemas } from '#libs/client/client';
import { AddressText } from '../address-text.tsx';
import { OrderPapers } from './order-papers.tsx';
import { OrderReturns } from './order-returns.tsx';
import { OrderItems, OrderTotals } from './order-summary.tsx';
import type { Reader } from './order-units.ts';
import { momentOf, STATUS_WORDS } from './order-words.ts';
import { Timeline } from './timeline.tsx';

interface OrderSheetProps {
  readonly order: Schemas['Order'];
  readonly reader: Reader;
  readonly title: string;
  /** Before everything else. */
  readonly first?: ReactElement | false;
  /** What the reader can expect now. */
  readonly next?: string;
  /** What has just been done. */
  readonly remark: string;
  /** What the reader can do about it. */
  readonly children: ReactNode;
  /** Money, under the goods or beside them. */
  readonly below?: ReactElement | false;
  readonly beside?: ReactElement | false;
}

/** An order, with what its reader can do about it. */
export const OrderSheet = ({ order, reader, title, first, next, remark, children, below, beside }: OrderSheetProps) => (
  <>
    <div className="page-head">
      <h1>{title}</h1>
      <p className="quiet">{momentOf(order.createdAt)}</p>
    </div>
    <div className="two-columns">
      <div>
        {first}
        <section className={`panel status ${order.status}`} aria-label="Status">
          <p role="status" data-testid="order-status" data-status={order.status}>
            <strong>{STATUS_WORDS[order.status]}</strong>
            {next !== undefined && <span>{next}</span>}
          </p>
          <p role="status">{remark}</p>
          {children}
        </section>
        <section className="panel" aria-labelledby="items">
          <h2 id="items">Items</h2>
          <OrderItems order={order} />
          <OrderTotals order={order} />
        </section>
        <OrderReturns order={order} reader={reader} />
        {below}
      </div>
      <div>
        <section className="panel" aria-labelledby="history">
          <h2 id="history">What happened</h2>
          <Timeline order={order} reader={reader} />
        </section>
        {beside}
        <OrderPapers order={order} />
        <section className="panel" aria-labelledby="to">
          <h2 id="to">Goes to</h2>
          <AddressText address={order.shippingAddress} />
        </section>
      </div>
    </div>
  </>
);
