import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { Field } from '../field.tsx';
import { invitation } from '../invitation.ts';
import { NewPasswordField } from '../new-password-field.tsx';
import { Refused } from '../notices.tsx';
import { BY_COOKIE, tellOfLeaving } from '../renewal.ts';
import { PasskeyButton } from './passkey-button.tsx';
import type { Follow, SignInAnswer } from './sign-in-answer.ts';

/** One of those that `npm start` puts into the demo shop. */
export interface DemoLogin {
  readonly who: string;
  readonly email: string;
}
const DEMO_PASSWORD = 'only for the demo shop';

interface PasswordFormProps {
  readonly isNew: boolean;
  readonly turn: () => void;
  /** Signs in by SMS instead, where that is possible. */
  readonly byCode?: () => void;
  readonly demo: DemoLogin;
  readonly follow: Follow;
}

/** Signs in with e-mail address and password, or makes an account with them. */
export function PasswordForm({ isNew, turn, byCode, demo, follow }: PasswordFormProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const [friend, setFriend] = useState(invitation.get()?.code ?? '');
  const { busy, failure, run, forget } = useAction();
  const submit = (event: FormEvent): Promise<void> => {
    event.preventDefault();
    return run(async () => {
      // The session that was left before, should the shop not have heard of that yet.
      await tellOfLeaving();
      const referralCode = friend.trim();
      const answer = await ask<SignInAnswer>(
        isNew
          ? api.POST('/api/auth/register', {
              body: { email, password, name, ...(referralCode !== '' && { referralCode }) },
              headers: BY_COOKIE,
            })
          : api.POST('/api/auth/login', { body: { email, password }, headers: BY_COOKIE }),
      );
      // The form has asked for the code.
      if (isNew) invitation.forget();
      follow(answer);
    });
  };
  return (
    <>
      <form className="panel" onSubmit={submit} aria-busy={busy}>
        {isNew && <Field label="Name" value={name} change={setName} autoComplete="name" maxLength={100} />}
        <Field label="E-mail address" type="email" value={email} change={setEmail} autoComplete="username" />
        {isNew ? (
          <NewPasswordField label="Password" value={password} change={setPassword} email={email} />
        ) : (
          <Field label="Password" type="password" value={password} change={setPassword} autoComplete="current-password" maxLength={128} />
        )}
        {isNew && (
          <Field
            label="A friend’s code"
            value={friend}
            change={setFriend}
            required={false}
            autoComplete="off"
            autoCapitalize="characters"
            maxLength={40}
          />
        )}
        <Refused failure={failure} />
        <button type="submit" className="button large" disabled={busy}>
          {busy ? 'One moment …' : isNew ? 'Create account' : 'Sign in'}
        </button>
        {!isNew && <PasskeyButton follow={follow} />}
        {byCode !== undefined && !isNew && (
          <button type="button" className="button secondary large" onClick={byCode}>
            Get a code by SMS instead
          </button>
        )}
        {byCode !== undefined && (
          <p>
            <span>{isNew ? 'Have an account? ' : 'New here? '}</span>
            <button
              type="button"
              className="plain"
              onClick={() => {
                forget();
                turn();
              }}
            >
              {isNew ? 'Sign in' : 'Create an account'}
            </button>
          </p>
        )}
        {!isNew && <Link to="/forgot-password">Forgot your password?</Link>}
      </form>
      {!isNew && (
        <p className="note hint">
          <span>{`Just looking? The demo shop has ${demo.who}: `}</span>
          <code>{demo.email}</code>
          <span> with the password </span>
          <code>{DEMO_PASSWORD}</code>
          <span>. </span>
          <button
            type="button"
            className="plain"
            onClick={() => {
              setEmail(demo.email);
              setPassword(DEMO_PASSWORD);
            }}
          >
            Fill it in
          </button>
        </p>
      )}
    </>
  );
}
