import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { CodeField, digitsOf } from '../code-field.tsx';
import { codeOf, ShopFailure } from '../failure.ts';
import { Refused } from '../notices.tsx';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { strengthen } from './strengthen.ts';

type Enrolment = Schemas['TotpEnrolment'];

/** The account does not say whether it has an authenticator; asking to begin with one does. */
type State = 'unknown' | 'active' | Enrolment;

/** An app on the phone whose codes are asked for beside the password. */
export function Authenticator() {
  const [state, setState] = useState<State>('unknown');
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const begin = (): Promise<void> =>
    run(async () => {
      setRemark('');
      try {
        setState(await ask(api.POST('/api/auth/totp/enrol')));
      } catch (error) {
        if (!(error instanceof ShopFailure) || codeOf(error.failure) !== 'auth.totp_active') throw error;
        setState('active');
      }
    });
  const end = (next: State, words: string): void => {
    setState(next);
    setRemark(words);
  };
  return (
    <section className="panel" aria-labelledby="authenticator">
      <h2 id="authenticator">Authenticator app</h2>
      <p className="quiet">With one, a stolen password alone opens nothing: a code of your phone is asked for too.</p>
      <p role="status">{remark}</p>
      {state === 'unknown' && (
        <>
          <Refused failure={failure} />
          <button type="button" className="button secondary" disabled={busy} onClick={begin}>
            Set up or turn off
          </button>
        </>
      )}
      {state === 'active' && <TurnOff done={() => end('unknown', 'The authenticator is off.')} close={() => setState('unknown')} />}
      {typeof state === 'object' && (
        <Enrol
          enrolment={state}
          done={() => end('active', 'The authenticator is on. Its codes are asked for from the next time you sign in.')}
          close={() => setState('unknown')}
        />
      )}
    </section>
  );
}

interface StepProps {
  readonly done: () => void;
  readonly close: () => void;
}

function Enrol({ enrolment, done, close }: StepProps & { enrolment: Enrolment }) {
  const { secret, otpauthUrl, recoveryCodes } = enrolment;
  const [code, setCode] = useState('');
  const { busy, failure, run } = useAction();
  const head = useRef<HTMLHeadingElement>(null);
  // It takes the place of the button that opened it.
  useEffect(() => head.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.POST('/api/auth/totp/activate', { body: { code: digitsOf(code) ?? code } }));
      await strengthen();
      done();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <h3 ref={head} tabIndex={-1}>
        1. Show this to your authenticator app
      </h3>
      <QrCode text={otpauthUrl} label="QR code for the authenticator app" />
      <p>
        <span>Or type this key into it: </span>
        <code data-testid="totp-secret">{secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code>
      </p>
      <h3>2. Keep these recovery codes</h3>
      <RecoveryCodes codes={recoveryCodes} />
      <h3>3. Type the code that the app shows</h3>
      <CodeField label="Code of the app" value={code} change={setCode} />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          {busy ? 'One moment …' : 'Turn it on'}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={close}>
          Close
        </button>
      </div>
    </form>
  );
}

function TurnOff({ done, close }: StepProps) {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useAction();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.POST('/api/auth/totp/disable', { body: { code: digitsOf(code) ?? code.trim() } }));
      done();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <p>Your account has an authenticator. To turn it off, type a code of it, or a recovery code.</p>
      <CodeField label="Code of the app" value={code} change={setCode} isRecovery />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button secondary" disabled={busy}>
          {busy ? 'One moment …' : 'Turn it off'}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={close}>
          Close
        </button>
      </div>
    </form>
  );
}
