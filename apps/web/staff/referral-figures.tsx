import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { queries } from '../parts/api.ts';
import { failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { indianDay } from '../parts/indian-day.ts';
import { rupees } from '../parts/money.ts';
import { Failed, Loading } from '../parts/notices.tsx';

type Analytics = Schemas['ReferralAnalytics'];
type Figures = Schemas['ReferralFigures'];

const COLUMNS: readonly (readonly [keyof Figures, string])[] = [
  ['visits', 'Visits'],
  ['joined', 'Joined'],
  ['ordered', 'Ordered'],
  ['rewarded', 'Rewarded'],
  ['capped', 'Capped'],
  ['cancelled', 'Cancelled'],
  ['earned', 'Earned'],
];
const shown = (figures: Figures, name: keyof Figures): string => (name === 'earned' ? rupees(figures.earned) : String(figures[name]));
const isQuiet = (figures: Figures): boolean => COLUMNS.every(([name]) => figures[name] === 0);

/** What referrals bring, by days in India. */
export function ReferralFigures() {
  const [from, setFrom] = useState(indianDay(-29));
  const [to, setTo] = useState(indianDay());
  const [asked, setAsked] = useState({ from, to });
  const { data, error, refetch } = queries.useQuery('get', '/api/referrals/analytics', { params: { query: asked } });
  const failure = data === undefined ? failureIn(error) : undefined;
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    if (asked.from === from && asked.to === to) void refetch();
    setAsked({ from, to });
  };
  return (
    <>
      <form className="filter-row" onSubmit={ask}>
        <Field label="From" value={from} change={setFrom} type="date" max={to} />
        <Field label="To" value={to} change={setTo} type="date" min={from} max={indianDay()} />
        <button type="submit" className="button">
          Show
        </button>
      </form>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="the figures" />}
      {data !== undefined && <Report analytics={data} />}
    </>
  );
}

const Report = ({ analytics: { days, totals, topReferrers, holds, budget } }: { analytics: Analytics }) => (
  <section className="panel" aria-label="Figures" data-testid="referral-analytics">
    <dl className="totals">
      <dt>Rewards, less what was taken back</dt>
      <dd>{`${rupees(budget.spent)} of ${rupees(budget.limit)}`}</dd>
      <dt>Waiting for a decision</dt>
      <dd>{holds}</dd>
    </dl>
    {isQuiet(totals) ? (
      <p>Nothing happened in this time.</p>
    ) : (
      <>
        <Days days={days} totals={totals} />
        {topReferrers.length > 0 && <Top referrers={topReferrers} />}
      </>
    )}
  </section>
);

const Days = ({ days, totals }: Pick<Analytics, 'days' | 'totals'>) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what is out of sight is reached by keyboard too
  <section className="scrolls" aria-label="By day" tabIndex={0}>
    <table className="days">
      <caption>By day; days without anything are left out</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          {COLUMNS.map(([name, words]) => (
            <th key={name} scope="col">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days
          .filter((day) => !isQuiet(day))
          .map((day) => (
            <Row key={day.date} name={day.date} figures={day} />
          ))}
      </tbody>
      <tfoot>
        <Row name="All" figures={totals} />
      </tfoot>
    </table>
  </section>
);

const Row = ({ name, figures }: { name: string; figures: Figures }) => (
  <tr>
    <th scope="row">{name}</th>
    {COLUMNS.map(([column]) => (
      <td key={column}>{shown(figures, column)}</td>
    ))}
  </tr>
);

const Top = ({ referrers }: { referrers: Analytics['topReferrers'] }) => (
  <div className="scrolls">
    <table>
      <caption>Those who brought most</caption>
      <thead>
        <tr>
          <th scope="col">Referrer</th>
          <th scope="col">Joined</th>
          <th scope="col">Rewarded</th>
          <th scope="col">Earned</th>
        </tr>
      </thead>
      <tbody>
        {referrers.map(({ userId, name, joined, rewarded, earned }) => (
          <tr key={userId}>
            <th scope="row">{name ?? userId}</th>
            <td>{joined}</td>
            <td>{rewarded}</td>
            <td>{rupees(earned)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
