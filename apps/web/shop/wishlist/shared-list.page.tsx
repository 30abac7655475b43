import { PAGED, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Empty, Loading, PageFailed, ShowMore } from '../../parts/notices.tsx';
import { TO_THE_SHOP } from '../base.ts';
import { WishCard } from './wish-card.tsx';

/** A list that somebody has sent the link of. */
export function SharedListPage({ token }: { token: string }) {
  const list = queries.useInfiniteQuery(
    'get',
    '/api/collections/shared/{token}',
    { params: { path: { token }, query: { limit: 24 } } },
    PAGED,
  );
  const [first] = list.data?.pages ?? [];
  if (first === undefined) {
    const failure = failureIn(list.error);
    if (failure === undefined) return <Loading what="the list" />;
    return <PageFailed failure={failure} retry={list.refetch} what="list" way={TO_THE_SHOP} />;
  }
  return (
    <>
      <title>{`${first.name} – Only2U`}</title>
      <div className="page-head">
        <h1>{first.name}</h1>
        <p>{`${first.itemCount} ${first.itemCount === 1 ? 'wish' : 'wishes'}`}</p>
      </div>
      {first.itemCount === 0 && <Empty title="Nothing on this list yet" />}
      <ul className="grid">{list.data?.pages.flatMap(({ items }) => items.map((wish) => <WishCard key={wish.id} wish={wish} />))}</ul>
      <ShowMore list={list} />
    </>
  );
}
