import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Field } from '../../parts/field.tsx';
import { addressOf, type InboxFilters } from './inbox.ts';

/** Looks for words in what customers asked; the order is another link. */
export function InboxSearch({ asked }: { asked: InboxFilters }) {
  const [, navigate] = useLocation();
  const [q, setQ] = useState(asked.q ?? '');
  const search = (event: FormEvent): void => {
    event.preventDefault();
    navigate(addressOf({ ...asked, q }));
  };
  const isByActivity = asked.sort === 'activity';
  return (
    <search>
      <form onSubmit={search}>
        <Field label="Search" value={q} change={setQ} required={false} maxLength={100} type="search" />
        <p className="pieces">
          <button type="submit" className="plain">
            Search
          </button>
          <Link to={addressOf({ ...asked, sort: isByActivity ? undefined : 'activity' })}>
            {isByActivity ? 'Longest unanswered first' : 'Latest first'}
          </Link>
          {asked.userId !== undefined && <Link to={addressOf({ ...asked, userId: undefined })}>Of all customers</Link>}
        </p>
      </form>
    </search>
  );
}
