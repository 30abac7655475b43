import type { Schemas } from '#libs/client/client';
import { MINE, PAGED, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Failed, Loading, ShowMore } from '../../parts/notices.tsx';
import { momentOf } from '../../parts/order/order-words.ts';
import { STAGE_WORDS, STAGES, type Stage } from './referral-words.ts';

const QUERY = { params: { ...MINE, query: { limit: 10 } } };

/** Friends who came by the own code, newest first, and how far each is. */
export function Friends() {
  const list = queries.useInfiniteQuery('get', '/api/referrals/user/{userId}/friends', QUERY, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <section className="panel" aria-label="Your friends">
      <h2>Your friends</h2>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="your friends" />}
      {items?.length === 0 && <p className="quiet">Nobody has joined by your link yet. Send it to somebody who would like it here.</p>}
      <ul className="friends" data-testid="friends">
        {items?.map((one) => (
          <FriendRow key={one.referralId} friend={one} />
        ))}
      </ul>
      <ShowMore list={list} />
    </section>
  );
}

const FriendRow = ({ friend: { name, status, joinedAt } }: { friend: Schemas['Friend'] }) => (
  <li>
    <span>
      <strong>{name ?? 'A friend'}</strong>
      <small>{`joined ${momentOf(joinedAt)}`}</small>
    </span>
    <Stages status={status} />
  </li>
);

/** The steps of a friend's way; one that has left it is told in words. */
function Stages({ status }: { status: Stage }) {
  const reached = STAGES.indexOf(status);
  if (reached < 0) return <span className={`badge ${status}`}>{STAGE_WORDS[status]}</span>;
  return (
    <ol className="stages" aria-label={`${STAGE_WORDS[status]}: step ${reached + 1} of ${STAGES.length}`}>
      {STAGES.map((one, index) => (
        <li key={one} className={index <= reached ? 'reached' : undefined} aria-current={index === reached ? 'step' : undefined}>
          {STAGE_WORDS[one]}
        </li>
      ))}
    </ol>
  );
}
