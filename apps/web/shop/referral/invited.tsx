import { Link } from 'wouter';
import { queries } from '../../parts/api.ts';
import { invitation } from '../../parts/invitation.ts';
import { session } from '../../parts/session.ts';
import { offerWords } from './referral-words.ts';

/** Above the shop's first page, for a guest who came by a friend's link. */
export function Invited() {
  const one = invitation.use();
  const isGuest = session.use() === undefined;
  return one === undefined || !isGuest ? null : <Invitation code={one.code} />;
}

function Invitation({ code }: { code: string }) {
  const { data } = queries.useQuery(
    'get',
    '/api/referrals/validate/{code}',
    { params: { path: { code } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const isOver = data?.valid === false;
  return (
    <aside className="panel invited" aria-label="Your invitation" data-testid="invited">
      <p role="status">
        <strong>{isOver ? 'This invitation is not good any more.' : titleOf(data?.referrerName)}</strong>
        {data?.welcome !== undefined && <span>{`You get ${offerWords(data.welcome)}.`}</span>}
      </p>
      {isOver ? (
        <button type="button" className="plain" onClick={invitation.forget}>
          All right
        </button>
      ) : (
        <Link to="/sign-in?new" className="button">
          Create an account
        </Link>
      )}
    </aside>
  );
}

const titleOf = (name: string | undefined): string => (name === undefined ? 'A friend has invited you.' : `${name} has invited you.`);
