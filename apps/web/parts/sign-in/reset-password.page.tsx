import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { codeOf } from '../failure.ts';
import { NewPasswordField } from '../new-password-field.tsx';
import { Empty, Refused } from '../notices.tsx';
import { session } from '../session.ts';

/** Where the link of the mail leads that sets a new password. The token is behind the `#`, which no log has. */
export function ResetPasswordPage() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  const [password, setPassword] = useState('');
  const [isDone, setIsDone] = useState(false);
  const { busy, failure, run } = useAction();
  if (isDone) {
    return (
      <Empty title="Your new password is set" isPage>
        <title>New password – Only2U</title>
        <p>All devices were signed out. Sign in with the new password.</p>
        <Link to="/sign-in" className="button">
          Sign in
        </Link>
      </Empty>
    );
  }
  if (token === '' || codeOf(failure) === 'auth.bad_link') {
    return (
      <Empty title="This link is not good any more" isPage>
        <title>New password – Only2U</title>
        <p>It was cut on its way, was used before, or is too old.</p>
        <Link to="/forgot-password" className="button">
          Ask for a fresh mail
        </Link>
      </Empty>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.POST('/api/auth/password/reset', { body: { token, newPassword: password } }));
      // It ended every session, this browser's too.
      session.end();
      setIsDone(true);
    });
  };
  return (
    <div className="narrow">
      <title>New password – Only2U</title>
      <div className="page-head">
        <h1>Choose a new password</h1>
      </div>
      <form className="panel" onSubmit={submit} aria-busy={busy}>
        <NewPasswordField label="New password" value={password} change={setPassword} email="" />
        <Refused failure={failure} />
        <button type="submit" className="button large" disabled={busy}>
          {busy ? 'One moment …' : 'Set the new password'}
        </button>
      </form>
    </div>
  );
}
