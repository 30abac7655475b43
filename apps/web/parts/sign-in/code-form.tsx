import { type FormEvent, useState } from 'react';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { CodeField, digitsOf } from '../code-field.tsx';
import { Field } from '../field.tsx';
import { Refused } from '../notices.tsx';
import { PhoneField } from '../phone-field.tsx';
import { BY_COOKIE, tellOfLeaving } from '../renewal.ts';
import { OnItsWay, OtherCodes, type SentCode, type SmsCode, useSmsCode } from '../sms-code.tsx';
import type { Follow } from './sign-in-answer.ts';

/** Signs in with a phone number and the code that is sent to it; a number that is new becomes a customer. */
export function CodeForm({ follow, back }: { follow: Follow; back: () => void }) {
  const [phone, setPhone] = useState('');
  const sms = useSmsCode('login');
  const { sent, busy, failure } = sms;
  if (sent !== undefined) return <CodeStep key={sent.requestId} sent={sent} sms={sms} follow={follow} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void sms.send(phone);
  };
  return (
    <form className="panel" onSubmit={submit} aria-busy={busy}>
      <PhoneField value={phone} change={setPhone} />
      <Refused failure={failure} />
      <button type="submit" className="button large" disabled={busy}>
        {busy ? 'One moment …' : 'Send me a code'}
      </button>
      <button type="button" className="plain" onClick={back}>
        Use a password instead
      </button>
    </form>
  );
}

function CodeStep({ sent, sms, follow }: { sent: SentCode; sms: SmsCode; follow: Follow }) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const { busy, failure, run } = useAction();
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
      <OnItsWay sent={sent} />
      <CodeField label="Code from the SMS" value={code} change={setCode} />
      <Field label="Your name, if you are new here" value={name} change={setName} required={false} autoComplete="name" maxLength={100} />
      <Refused failure={failure ?? sms.failure} />
      <button type="submit" className="button large" disabled={busy}>
        {busy ? 'One moment …' : 'Sign in'}
      </button>
      <OtherCodes sent={sent} sms={sms} />
    </form>
  );
}
