import type { paths } from '#libs/client/schema';
import { beginOf } from '../parts/indian-day.ts';

export type QueueQuery = NonNullable<paths['/api/feedback/admin']['get']['parameters']['query']>;

const NOTHING = {
  ...{
    q: '',
    status: '',
    category: '',
    assigneeId: '',
    priority: '',
    tag: '',
    held: '',
    overdue: '',
    merged: '',
    userId: '',
    productId: '',
  },
  ...{ from: '', to: '', sort: '' },
};
export type Filters = typeof NOTHING;

/** What the form says, without the fields that say nothing. */
export const queryOf = ({ from, to, held, overdue, merged, ...rest }: Filters): QueueQuery => ({
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value.trim() !== '')),
  ...(held !== '' && { held: held === 'true' }),
  ...(overdue !== '' && { overdue: overdue === 'true' }),
  ...(merged !== '' && { merged: merged === 'true' }),
  ...(from !== '' && { from: beginOf(from) }),
  ...(to !== '' && { to: beginOf(to, 1) }),
});

/** The page's address carries the filters, so that "Back" and a sent link find the same list. */
export const filtersIn = (address: URLSearchParams): Filters => ({
  ...NOTHING,
  ...Object.fromEntries(Object.keys(NOTHING).flatMap((name) => (address.has(name) ? [[name, address.get(name) ?? '']] : []))),
});

export const addressOf = (filters: Filters): string => {
  const given = new URLSearchParams(Object.entries(filters).filter(([, value]) => value.trim() !== ''));
  return given.size === 0 ? '/feedback' : `/feedback?${given}`;
};
