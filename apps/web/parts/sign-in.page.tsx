import { type FormEvent, useState } from 'react';
import { api, ask } from './api.ts';
import { Field } from './field.tsx';
import { guestToken } from './guest-token.ts';
import { Refused } from './notices.tsx';
import { useAction } from './resource.ts';
import { navigate, usePlace } from './router.tsx';
import { session } from './session.ts';

/** Those that `npm start` puts into the demo shop. */
const CUSTOMER = { who: 'a customer', email: 'asha@only2u.test', password: 'only for the demo shop' };
const ADMIN = { ...CUSTOMER, who: 'an admin', email: 'admin@only2u.test' };

export function SignInPage({ next }: { next?: string }) {
  const { query } = usePlace();
  const [isNew, setIsNew] = useState(query.has('new'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const { busy, failure, run, forget } = useAction();
  const target = next ?? query.get('next') ?? '/';
  const demo = target.startsWith('/staff') ? ADMIN : CUSTOMER;
  const isCarried = guestToken.get() !== undefined && ['/cart', '/checkout'].includes(target);
  const turn = (): void => {
    setIsNew(!isNew);
    forget();
  };

  const submit = (event: FormEvent): Promise<void> => {
    event.preventDefault();
    return run(async () => {
      const signedIn = await ask(() =>
        isNew
          ? api.POST('/api/auth/register', { body: { email, password, name } })
          : api.POST('/api/auth/login', { body: { email, password } }),
      );
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
      {isCarried && <p className="quiet">What you have picked comes along.</p>}
      <form className="panel" onSubmit={submit}>
        {isNew && <Field label="Name" value={name} change={setName} autoComplete="name" maxLength={100} />}
        <Field label="E-mail address" type="email" value={email} change={setEmail} autoComplete="username" />
        <Field
          label="Password"
          type="password"
          value={password}
          change={setPassword}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          {...(isNew && { minLength: 12, hint: 'At least 12 characters; a few words make a good one.' })}
          maxLength={128}
        />
        <Refused failure={failure} />
        <button type="submit" className="button large" disabled={busy}>
          {busy ? 'One moment …' : isNew ? 'Create account' : 'Sign in'}
        </button>
        <p>
          {isNew ? 'Have an account? ' : 'New here? '}
          <button type="button" className="plain" onClick={turn}>
            {isNew ? 'Sign in' : 'Create an account'}
          </button>
        </p>
      </form>
      {!isNew && (
        <p className="note hint">
          Just looking? The demo shop has {demo.who}: <code>{demo.email}</code> with the password <code>{demo.password}</code>.{' '}
          <button
            type="button"
            className="plain"
            onClick={() => {
              setEmail(demo.email);
              setPassword(demo.password);
            }}
          >
            Fill it in
          </button>
        </p>
      )}
    </div>
  );
}
