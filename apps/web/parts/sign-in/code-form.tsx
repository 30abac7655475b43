import { type FormEvent, useEffect, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { phoneOf } from '#libs/contracts/spellings';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { CodeField, digitsOf } from '../code-field.tsx';
import { Field } from '../field.tsx';
import { Refused } from '../notices.tsx';
import { PhoneField } from '../phone-field.tsx';
import { BY_COOKIE, tellOfLeaving } from '../renewal.ts';
import type { Follow } from './sign-in-answer.ts';

type Sent = Schemas['OtpSent'] & {
  readonly phone: string;
  /** When another one may be asked for, by this machine's clock. */
  readonly resendAt: number;
};

/** Signs in with a phone number and the code that is sent to it; a number that is new becomes a customer. */
export function CodeForm({ follow, back }: { follow: Follow; back: () => void }) {
  const [phone, setPhone] = useState('');
  const [sent, setSent] = useState<Sent>();
  const action = useAction();
  const send = (): Promise<void> =>
    action.run(async () => {
      const to = phoneOf(phone);
      if (to === undefined) return;
      const answer = await ask(api.POST('/api/auth/otp/send', { body: { phone: to } }));
      setSent({ ...answer, phone: to, resendAt: Date.now() + answer.resendAfter * 1_000 });
    });
  if (sent !== undefined)
    return <CodeStep key={sent.requestId} sent={sent} follow={follow} resend={{ ...action, run: send }} other={() => setSent(undefined)} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void send();
  };
  return (
    <form className="panel" onSubmit={submit} aria-busy={action.busy}>
      <PhoneField value={phone} change={setPhone} />
      <Refused failure={action.failure} />
      <button type="submit" className="button large" disabled={action.busy}>
        {action.busy ? 'One moment …' : 'Send me a code'}
      </button>
      <button type="button" className="plain" onClick={back}>
        Use a password instead
      </button>
    </form>
  );
}

interface CodeStepProps {
  readonly sent: Sent;
  readonly follow: Follow;
  readonly resend: Omit<ReturnType<typeof useAction>, 'run'> & { readonly run: () => Promise<void> };
  readonly other: () => void;
}

function CodeStep({ sent, follow, resend, other }: CodeStepProps) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const { busy, failure, run } = useAction();
  const wait = useSecondsTo(sent.resendAt);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await tellOfLeaving();
      const body = {
        requestId: sent.requestId,
        phone: sent.phone,
        code: digitsOf(code) ?? code,
        ...(name.trim() !== '' && { name: name.trim() }),
      };
      follow(await ask(api.POST('/api/auth/otp/verify', { body, headers: BY_COOKIE })));
    });
  };
  return (
    <form className="panel" onSubmit={submit} aria-busy={busy}>
      <p role="status">{`A code is on its way to ${sent.phone}. It is good for ${Math.ceil(sent.expiresIn / 60)} minutes.`}</p>
      <CodeField label="Code from the SMS" value={code} change={setCode} />
      <Field label="Your name, if you are new here" value={name} change={setName} required={false} autoComplete="name" maxLength={100} />
      <Refused failure={failure ?? resend.failure} />
      <button type="submit" className="button large" disabled={busy}>
        {busy ? 'One moment …' : 'Sign in'}
      </button>
      <div className="buttons">
        <button type="button" className="plain" disabled={wait > 0 || resend.busy} onClick={() => resend.run()} data-testid="resend-code">
          {wait > 0 ? `Another code in ${wait} s` : 'Send another code'}
        </button>
        <button type="button" className="plain" onClick={other}>
          Use another number
        </button>
      </div>
    </form>
  );
}

/** Seconds until then, counted down; 0 once it is past. */
function useSecondsTo(moment: number): number {
  const left = (): number => Math.max(0, Math.ceil((moment - Date.now()) / 1_000));
  const [seconds, setSeconds] = useState(left);
  const isOver = seconds === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `left` follows from `moment`.
  useEffect(() => {
    if (isOver) return undefined;
    const timer = setInterval(() => setSeconds(left()), 1_000);
    return () => clearInterval(timer);
  }, [moment, isOver]);
  return seconds;
}
