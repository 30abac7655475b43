import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { Field } from '../field.tsx';
import { Refused } from '../notices.tsx';

/** Asks for the mail that sets a new password. The answer is the same for every address. */
export function ForgotPasswordPage() {
  const [email, setEmail] = useState('');
  const [isSent, setIsSent] = useState(false);
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsSent(false);
    void run(async () => {
      await ask(api.POST('/api/auth/password/forgot', { body: { email } }));
      setIsSent(true);
    });
  };
  return (
    <div className="narrow">
      <title>Forgot your password? – Only2U</title>
      <div className="page-head">
        <h1>Forgot your password?</h1>
      </div>
      <form className="panel" onSubmit={submit} aria-busy={busy}>
        <p>We send you a mail with a link on which you choose a new one.</p>
        <Field label="E-mail address" type="email" value={email} change={setEmail} autoComplete="username" />
        <Refused failure={failure} />
        <p role="status">
          {isSent ? 'If there is an account with this address, the mail is on its way. Look in the spam folder too.' : ''}
        </p>
        <button type="submit" className="button large" disabled={busy}>
          {busy ? 'One moment …' : isSent ? 'Send it again' : 'Send the mail'}
        </button>
        <Link to="/sign-in">Back to signing in</Link>
      </form>
    </div>
  );
}
