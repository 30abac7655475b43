import { type FormEvent, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { PAGED, queries } from '../../parts/api.ts';
import { failureIn, wordsFor } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { Empty, Failed, Loading, Refused, ShowMore } from '../../parts/notices.tsx';
import { session } from '../../parts/session.ts';
import { type Collection, wishes } from '../wishes.ts';
import { GuestWishes } from './guest-wishes.tsx';
import { ListSettings } from './list-settings.tsx';
import { alerts, lists } from './lists.ts';
import { OwnWish } from './own-wish.tsx';

const PAGE_SIZE = 24;

export function WishlistPage() {
  return (
    <>
      <title>Wishlist – Only2U</title>
      <div className="page-head">
        <h1>Your wishlist</h1>
      </div>
      {session.use() === undefined ? <GuestWishes /> : <OwnLists />}
    </>
  );
}

function OwnLists() {
  const { all, failure, read } = lists.use();
  const leftBehind = wishes.useLeftBehind();
  const [query] = useSearchParams();
  if (all === undefined) return failure === undefined ? <Loading what="your wishlist" /> : <Failed failure={failure} retry={read} />;
  const list = all.find(({ id }) => id === query.get('list')) ?? all.find(({ isDefault }) => isDefault);
  return (
    <>
      {leftBehind !== undefined && (
        <p className="panel" role="alert">{`What you wished for before you signed in is not in here yet. ${wordsFor(leftBehind)}`}</p>
      )}
      <nav className="sections" aria-label="Your lists">
        {all.map(({ id, name, itemCount }) => (
          <Link key={id} to={`/wishlist?list=${id}`} aria-current={id === list?.id ? 'page' : undefined}>
            {`${name} (${itemCount})`}
          </Link>
        ))}
      </nav>
      <NewList />
      {list !== undefined && <OneList key={list.id} list={list} others={all.filter(({ id }) => id !== list.id)} />}
    </>
  );
}

function NewList() {
  const { busy, failure, run } = useAction();
  const [name, setName] = useState('');
  const [, navigate] = useLocation();
  const create = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const { id } = await lists.create(name);
      setName('');
      navigate(`/wishlist?list=${id}`);
    });
  };
  return (
    <form onSubmit={create} className="beside new-list">
      <Field label="A new list" value={name} change={setName} maxLength={60} placeholder="Wedding" />
      <button type="submit" className="button secondary" disabled={busy || name.trim() === ''}>
        Create
      </button>
      <Refused failure={failure} />
    </form>
  );
}

function OneList({ list, others }: { list: Collection; others: readonly Collection[] }) {
  const [said, say] = useState('');
  const waiting = alerts.use();
  const found = queries.useInfiniteQuery(
    'get',
    '/api/collections/{id}',
    { params: { path: { id: list.id }, query: { limit: PAGE_SIZE } } },
    PAGED,
  );
  const pages = found.data?.pages;
  const failure = pages === undefined ? failureIn(found.error) : undefined;
  const items = pages?.flatMap((page) => page.items);
  return (
    <section aria-label={list.name}>
      <ListSettings list={list} say={say} />
      <p role="status">{said}</p>
      {items === undefined && failure === undefined && <Loading what="the list" />}
      {failure !== undefined && <Failed failure={failure} retry={found.refetch} />}
      {items?.length === 0 && (
        <Empty title="Nothing on this list yet">
          <p>The heart on a product puts it here.</p>
          <Link to="/" className="button">
            See what is new
          </Link>
        </Empty>
      )}
      <ul className="grid">
        {items?.map((wish) => (
          <OwnWish key={wish.id} wish={wish} list={list} others={others} waiting={waiting} say={say} />
        ))}
      </ul>
      <ShowMore list={found} />
    </section>
  );
}
