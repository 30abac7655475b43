import { MINE, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { rupees } from '../../parts/money.ts';
import { Failed, Loading } from '../../parts/notices.tsx';
import { Friends } from './friends.tsx';
import { OwnCode } from './own-code.tsx';
import './referral.css';
import { InvitedBy } from './invited-by.tsx';
import { Rewards } from './rewards.tsx';

/** The own link, who came by it, what it earned, and by whom oneself came. */
export function ReferralPage() {
  return (
    <div className="account">
      <title>Bring a friend – Only2U</title>
      <div className="page-head">
        <h1>Bring a friend</h1>
        <p>Your friend saves on a first order, and you get a reward once it is theirs to keep.</p>
      </div>
      <OwnCode />
      <Figures />
      <Friends />
      <Rewards />
      <InvitedBy />
    </div>
  );
}

function Figures() {
  const { data, error, refetch } = queries.useQuery('get', '/api/referrals/user/{userId}/stats', { params: MINE });
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <Failed failure={failure} retry={refetch} />;
  if (data === undefined) return <Loading what="what came of it" />;
  const { invited, joined, pending, rewarded, earned, cap } = data;
  return (
    <section className="panel" aria-label="What came of it">
      <dl className="figures" data-testid="referral-figures">
        <Figure name="Opened your link" value={String(invited)} />
        <Figure name="Joined" value={String(joined)} />
        <Figure name="On their way" value={String(pending)} />
        <Figure name="Rewarded" value={String(rewarded)} />
        <Figure name="Earned" value={rupees(earned)} />
      </dl>
      <p className="quiet">{`${cap.used} of at most ${cap.limit} rewards.`}</p>
    </section>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);
