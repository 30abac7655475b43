import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { codeOf, failureIn } from '../parts/failure.ts';
import { Empty, Failed, Loading, Refused } from '../parts/notices.tsx';
import { session } from '../parts/session.ts';

/** Where the link of the mail leads that confirms an address. The token is behind the `#`, which no log has. */
export function VerifyEmailPage() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  const { error, isPending, refetch } = useQuery({
    queryKey: ['email', token],
    queryFn: async () => (await ask(api.POST('/api/auth/email/verify', { body: { token } }))) ?? true,
    enabled: token !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const failure = failureIn(error);
  if (token === '' || codeOf(failure) === 'auth.bad_link' || codeOf(failure) === 'validation_failed') return <BadLink />;
  if (failure !== undefined) return <Failed failure={failure} retry={refetch} />;
  if (isPending) return <Loading what="your confirmation" />;
  return (
    <Empty title="Your e-mail address is confirmed" isPage>
      <title>Confirmed – Only2U</title>
      <Link to="/" className="button">
        To the shop
      </Link>
    </Empty>
  );
}

function BadLink() {
  const isGuest = session.use() === undefined;
  return (
    <Empty title="This link is not good any more" isPage>
      <title>Confirm your e-mail address – Only2U</title>
      <p>It was cut on its way, or a newer mail has replaced it.</p>
      {isGuest ? (
        <Link to="/sign-in?next=/verify-email" className="button">
          Sign in for a fresh mail
        </Link>
      ) : (
        <SendAgain />
      )}
    </Empty>
  );
}

function SendAgain() {
  const [isSent, setIsSent] = useState(false);
  const { busy, failure, run } = useAction();
  const send = (): Promise<void> =>
    run(async () => {
      await ask(api.POST('/api/auth/email/resend'));
      setIsSent(true);
    });
  return (
    <>
      <Refused failure={failure} />
      <p role="status">{isSent ? 'A fresh mail is on its way.' : ''}</p>
      <button type="button" className="button" disabled={busy || isSent} onClick={send}>
        Send a fresh mail
      </button>
    </>
  );
}
