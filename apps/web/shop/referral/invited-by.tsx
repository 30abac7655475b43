import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, askOnce, MINE, queries } from '../../parts/api.ts';
import { codeOf, failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { invitation } from '../../parts/invitation.ts';
import { Failed, Loading, Refused } from '../../parts/notices.tsx';
import { momentOf } from '../../parts/order/order-words.ts';
import { offerWords, REFUSAL_WORDS, STAGE_WORDS } from './referral-words.ts';

/** By whom oneself came: what that gives, or a field for the code. */
export function InvitedBy() {
  const { data, error, refetch } = queries.useQuery('get', '/api/referrals/user/{userId}/referral', { params: MINE });
  const failure = data === undefined ? failureIn(error) : undefined;
  const isNobody = codeOf(failure) === 'not_found';
  return (
    <section className="panel" aria-label="Who invited you">
      <h2>Who invited you</h2>
      {failure !== undefined && !isNobody && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="your invitation" />}
      {isNobody && <EnterCode done={refetch} />}
      {data !== undefined && <Welcome referral={data} />}
    </section>
  );
}

function EnterCode({ done }: { done: () => Promise<unknown> }) {
  const [code, setCode] = useState(invitation.get()?.code ?? '');
  const { busy, failure, run, forget } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { code: code.trim() };
    void run(async () => {
      await askOnce(`redeem ${body.code}`, (header) => api.POST('/api/referrals/redeem', { params: { header }, body }));
      invitation.forget();
      await done();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <Field
        label="The code of your friend"
        value={code}
        change={(value) => {
          setCode(value);
          forget();
        }}
        hint="For new customers, before a first order."
        autoComplete="off"
        autoCapitalize="characters"
        maxLength={40}
      />
      <Refused failure={failure} words={REFUSAL_WORDS} />
      <button type="submit" className="button secondary" disabled={busy || code.trim() === ''} data-testid="redeem">
        {busy ? 'Checking …' : 'Enter the code'}
      </button>
    </form>
  );
}

const Welcome = ({ referral: { status, welcomeCoupon } }: { referral: Schemas['Referral'] }) => (
  <div data-testid="welcome">
    <p>
      <span>A friend has brought you here. </span>
      <span className={`badge ${status}`}>{STAGE_WORDS[status]}</span>
    </p>
    {welcomeCoupon === null && status !== 'cancelled' && status !== 'held' && (
      <p>
        <span>Your welcome coupon comes once your e-mail address or phone number is confirmed. </span>
        <Link to="/account/security">See to it</Link>
      </p>
    )}
    {welcomeCoupon !== null && (
      <p>
        <span>{`${offerWords(welcomeCoupon)} with `}</span>
        <code>{welcomeCoupon.code}</code>
        <span>{`, until ${momentOf(welcomeCoupon.endsAt)}`}</span>
      </p>
    )}
  </div>
);
