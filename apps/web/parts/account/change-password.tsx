import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { Field } from '../field.tsx';
import { NewPasswordField } from '../new-password-field.tsx';
import { Refused } from '../notices.tsx';

export function ChangePassword({ user }: { user: Schemas['User'] }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [isDone, setIsDone] = useState(false);
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsDone(false);
    void run(async () => {
      await ask(api.POST('/api/auth/password/change', { body: { currentPassword: current, newPassword: next } }));
      setCurrent('');
      setNext('');
      setIsDone(true);
    });
  };
  return (
    <section className="panel" aria-labelledby="password">
      <h2 id="password">Password</h2>
      <form onSubmit={submit} aria-busy={busy}>
        {/* So that password managers know whose it is. */}
        <input hidden type="email" autoComplete="username" value={user.email ?? ''} readOnly />
        <Field
          label="Present password"
          type="password"
          value={current}
          change={setCurrent}
          autoComplete="current-password"
          maxLength={128}
        />
        <NewPasswordField label="New password" value={next} change={setNext} email={user.email ?? ''} />
        <Refused failure={failure} words={{ 'auth.bad_credentials': 'This is not your present password.' }} />
        <p role="status">{isDone ? 'Your password is changed. All other devices were signed out.' : ''}</p>
        <button type="submit" className="button" disabled={busy}>
          {busy ? 'One moment …' : 'Change the password'}
        </button>
      </form>
    </section>
  );
}
