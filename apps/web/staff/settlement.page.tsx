import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { indianDay } from '../parts/indian-day.ts';
import { rupees } from '../parts/money.ts';
import { Failed, Loading } from '../parts/notices.tsx';

/** Our books of a day in India against Razorpay's. */
export function StaffSettlementPage() {
  const [date, setDate] = useState(indianDay(-1));
  const [asked, setAsked] = useState(date);
  const { data, error, refetch } = queries.useQuery('get', '/api/payments/settlement', { params: { query: { date: asked } } });
  const failure = data === undefined ? failureIn(error) : undefined;
  const compare = (event: FormEvent): void => {
    event.preventDefault();
    if (date === asked) refetch();
    setAsked(date);
  };
  return (
    <>
      <title>Settlement – Only2U staff</title>
      <div className="page-head">
        <h1>Settlement</h1>
      </div>
      <form className="filter-row" onSubmit={compare}>
        <Field label="Day" value={date} change={setDate} type="date" max={indianDay()} />
        <button type="submit" className="button">
          Compare
        </button>
      </form>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="both books" />}
      {data !== undefined && <Report report={data} />}
    </>
  );
}

function Report({ report: { date, captured, refunded, difference, compared, rows } }: { report: Schemas['SettlementReport'] }) {
  return (
    <section className="panel report" aria-label={`Report of ${date}`}>
      <dl className="totals">
        <dt>Received, by Razorpay</dt>
        <dd>{rupees(captured)}</dd>
        <dt>Given back, by Razorpay</dt>
        <dd>{rupees(refunded)}</dd>
        <dt>Rows compared</dt>
        <dd>{compared}</dd>
        <dt className="grand">Difference</dt>
        <dd className="grand" data-testid="difference">
          {rupees(difference)}
        </dd>
      </dl>
      {rows.length === 0 ? (
        <p role="status">{compared === 0 ? 'Nothing happened on this day.' : 'Both books agree.'}</p>
      ) : (
        <div className="scrolls">
          <table>
            <caption className="unseen">Rows that differ</caption>
            <thead>
              <tr>
                <th scope="col">Razorpay’s id</th>
                <th scope="col">What is wrong</th>
                <th scope="col">Ours</th>
                <th scope="col">Razorpay’s</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ kind, razorpayId, orderId, ours, razorpay, problem }) => (
                <tr key={`${kind} ${razorpayId}`}>
                  <th scope="row">
                    <span>{razorpayId}</span>
                    <small>
                      <span>{`${kind} `}</span>
                      {orderId !== null && <Link to={`/orders/${orderId}`}>See the order</Link>}
                    </small>
                  </th>
                  <td>{problem}</td>
                  <td>{ours === null ? '–' : rupees(ours)}</td>
                  <td>{razorpay === null ? '–' : rupees(razorpay)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
