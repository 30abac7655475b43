import { type FormEvent, useState } from 'react';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { CodeField, digitsOf } from '../code-field.tsx';
import { Refused } from '../notices.tsx';
import { BY_COOKIE } from '../renewal.ts';
import { PasskeyButton } from './passkey-button.tsx';
import type { Follow } from './sign-in-answer.ts';

/** What is asked for beside the password or the code. */
export interface Question {
  readonly mfaToken: string;
  /** `totp`, `passkey`. */
  readonly mfaMethods: readonly string[];
}

interface SecondStepProps {
  readonly question: Question;
  readonly follow: Follow;
  /** Back to the first step, whose token is good for five minutes and five tries. */
  readonly again: () => void;
}

/** Asks for the second factor of an account that has one. */
export function SecondStep({ question: { mfaToken, mfaMethods }, follow, again }: SecondStepProps) {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const body = { mfaToken, code: digitsOf(code) ?? code.trim() };
      follow(await ask(api.POST('/api/auth/totp/verify', { body, headers: BY_COOKIE })));
    });
  };
  const isByApp = mfaMethods.includes('totp');
  return (
    <div className="panel">
      {isByApp && (
        <form onSubmit={submit} aria-busy={busy}>
          <p>Your account asks for a code of your authenticator app.</p>
          <CodeField
            label="Code of the app"
            value={code}
            change={setCode}
            isRecovery
            hint="6 digits. Without your phone, one of your recovery codes."
          />
          <Refused failure={failure} />
          <button type="submit" className="button large" disabled={busy}>
            {busy ? 'One moment …' : 'Sign in'}
          </button>
        </form>
      )}
      {!isByApp && <p>Your account asks for a passkey too.</p>}
      {mfaMethods.includes('passkey') && <PasskeyButton mfaToken={mfaToken} follow={follow} />}
      <button type="button" className="plain" onClick={again}>
        Start again
      </button>
    </div>
  );
}
