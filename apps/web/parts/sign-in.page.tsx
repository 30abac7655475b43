import { type FormEvent, useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { sessionIn } from '#libs/client/client';
import { useAction } from './action.ts';
import { api, ask } from './api.ts';
import { CheckedField } from './checked-field.tsx';
import { Field } from './field.tsx';
import { guestToken } from './guest-token.ts';
import { Refused } from './notices.tsx';
import { BY_COOKIE, tellOfLeaving } from './renewal.ts';
import { session } from './session.ts';
import { isRemembered } from './site-data.ts';

/** One of those that `npm start` puts into the demo shop. */
export interface DemoLogin {
  readonly who: string;
  readonly email: string;
}
const SHORTEST = 12;
const DEMO_PASSWORD = 'only for the demo shop';

interface SignInPageProps {
  /** Where it goes on; the address may say so too. */
  readonly next?: string;
  readonly demo: DemoLogin;
}

export function SignInPage({ next, demo }: SignInPageProps) {
  const [query] = useSearchParams();
  const [, navigate] = useLocation();
  const [isNew, setIsNew] = useState(query.has('new'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  /** Set while the second factor is asked for. */
  const [mfaToken, setMfaToken] = useState<string>();
  const [code, setCode] = useState('');
  const weakness = useWeakness(isNew ? password : '', email);
  const { busy, failure, run, forget } = useAction();
  const target = next ?? pathIn(query.get('next')) ?? '/';
  const isCarried = guestToken.get() !== undefined && ['/cart', '/checkout'].includes(target);
  const turn = (): void => {
    setIsNew(!isNew);
    forget();
  };

  const submit = (event: FormEvent): Promise<void> => {
    event.preventDefault();
    return run(async () => {
      // The session that was left before, should the shop not have heard of that yet.
      await tellOfLeaving();
      const step =
        mfaToken !== undefined
          ? await ask(api.POST('/api/auth/totp/verify', { body: { mfaToken, code }, headers: BY_COOKIE }))
          : isNew
            ? await ask(api.POST('/api/auth/register', { body: { email, password, name }, headers: BY_COOKIE }))
            : await ask(api.POST('/api/auth/login', { body: { email, password }, headers: BY_COOKIE }));
      const signedIn = sessionIn(step);
      if (signedIn === undefined) return setMfaToken('mfaToken' in step ? step.mfaToken : undefined);
      session.begin(signedIn);
      navigate(target, { replace: true });
    });
  };

  return (
    <div className="narrow">
      <title>{isNew ? 'Create an account – Only2U' : 'Sign in – Only2U'}</title>
      <div className="page-head">
        <h1>{isNew ? 'Create an account' : 'Sign in'}</h1>
      </div>
      {!isRemembered && (
        <p className="note" role="status" data-testid="not-remembered">
          Your browser keeps no data for this site. You can sign in and buy, but only on this one page: once it is closed or loaded again
          you are signed out and the cart of a guest is gone. Allow site data for this address to stay signed in.
        </p>
      )}
      {isCarried && <p className="quiet">What you have picked comes along.</p>}
      <form className="panel" onSubmit={submit}>
        {isNew && <Field label="Name" value={name} change={setName} autoComplete="name" maxLength={100} />}
        <Field label="E-mail address" type="email" value={email} change={setEmail} autoComplete="username" />
        {mfaToken !== undefined && (
          <Field
            label="Code of your authenticator app, or a recovery code"
            value={code}
            change={setCode}
            autoComplete="one-time-code"
            maxLength={40}
          />
        )}
        <CheckedField
          label="Password"
          type="password"
          value={password}
          change={setPassword}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          {...(isNew && { minLength: SHORTEST, hint: 'At least 12 characters; a few words make a good one.' })}
          problem={weakness}
          maxLength={128}
        />
        <Refused failure={failure} />
        <button type="submit" className="button large" disabled={busy}>
          {busy ? 'One moment …' : isNew ? 'Create account' : 'Sign in'}
        </button>
        <p>
          <span>{isNew ? 'Have an account? ' : 'New here? '}</span>
          <button type="button" className="plain" onClick={turn}>
            {isNew ? 'Sign in' : 'Create an account'}
          </button>
        </p>
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
    </div>
  );
}

/** What is wrong with a new password, said while it is typed; the rules are the shop's own. */
function useWeakness(password: string, email: string): string | undefined {
  const [isGuessable, setIsGuessable] = useState(false);
  useEffect(() => {
    let isWanted = true;
    const judge = async (): Promise<void> => {
      const rules = await import('#libs/auth/guessable-passwords');
      if (isWanted) setIsGuessable(rules.isGuessable(password, email));
    };
    // Without the chunk the shop judges alone, when it is sent.
    if (password.length >= SHORTEST) judge().catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [password, email]);
  if (password === '') return undefined;
  if (password.length < SHORTEST) return `${SHORTEST - password.length} more to go`;
  return isGuessable ? 'This is among the first that are tried. Choose another' : undefined;
}

/** Only a path of these pages; `//elsewhere.example` is none. */
const pathIn = (text: string | null): string | undefined => (text !== null && /^\/(?![/\\])/.test(text) ? text : undefined);
