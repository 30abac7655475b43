import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { CodeField, digitsOf } from '../code-field.tsx';
import { Refused } from '../notices.tsx';
import { PhoneField, spaced } from '../phone-field.tsx';
import { BY_COOKIE } from '../renewal.ts';
import { session } from '../session.ts';
import { OnItsWay, OtherCodes, type SentCode, type SmsCode, useSmsCode } from '../sms-code.tsx';

/** The number that belongs to the account once a code sent to it was shown: a way to sign in, and where SMS go. */
export function PhoneNumber({ user: { phone, phoneVerified } }: { user: Schemas['User'] }) {
  const [isOpen, setIsOpen] = useState(false);
  const [remark, setRemark] = useState('');
  const head = useRef<HTMLHeadingElement>(null);
  const close = (words: string): void => {
    setIsOpen(false);
    setRemark(words);
    // What had the focus is gone.
    head.current?.focus();
  };
  const open = (): void => {
    setRemark('');
    setIsOpen(true);
  };
  return (
    <section className="panel" aria-labelledby="phone-number">
      <h2 id="phone-number" ref={head} tabIndex={-1}>
        Mobile number
      </h2>
      <p className="quiet">With a number that is yours you can sign in by a code, without your password.</p>
      <p data-testid="own-number">{stateOf(phone, phoneVerified)}</p>
      <p role="status">{remark}</p>
      {isOpen ? (
        <Attach known={phone !== null && !phoneVerified ? spaced(phone) : ''} close={close} />
      ) : (
        <button type="button" className="button secondary" onClick={open}>
          {phone === null ? 'Add a number' : phoneVerified ? 'Use another number' : 'Confirm the number'}
        </button>
      )}
    </section>
  );
}

function stateOf(phone: string | null, isProved: boolean): string {
  if (phone === null) return 'Your account has no number yet.';
  return isProved ? `${spaced(phone)} is confirmed.` : `${spaced(phone)} is not confirmed yet.`;
}

type Close = (words: string) => void;

function Attach({ known, close }: { known: string; close: Close }) {
  const [phone, setPhone] = useState(known);
  const sms = useSmsCode('verify');
  const { sent, busy, failure } = sms;
  const form = useRef<HTMLFormElement>(null);
  // It takes the place of the button that opened it.
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  if (sent !== undefined) return <ShowCode key={sent.requestId} sent={sent} sms={sms} close={close} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void sms.send(phone);
  };
  return (
    <form ref={form} onSubmit={submit} aria-busy={busy}>
      <PhoneField value={phone} change={setPhone} />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          {busy ? 'One moment …' : 'Send me a code'}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={() => close('')}>
          Close
        </button>
      </div>
    </form>
  );
}

function ShowCode({ sent, sms, close }: { sent: SentCode; sms: SmsCode; close: Close }) {
  const [code, setCode] = useState('');
  const { busy, failure, run } = useAction();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const body = { requestId: sent.requestId, phone: sent.phone, code: digitsOf(code) ?? code };
      const { user, accessToken, enrolmentRequired } = await ask(api.POST('/api/auth/otp/verify', { body, headers: BY_COOKIE }));
      if (user === undefined || accessToken === undefined) return;
      session.begin({ user, accessToken, ...(enrolmentRequired === undefined ? {} : { enrolmentRequired }) });
      close('The number is yours. You can sign in with it from now on.');
    });
  };
  return (
    <form ref={form} onSubmit={submit} aria-busy={busy}>
      <OnItsWay sent={sent} />
      <CodeField label="Code from the SMS" value={code} change={setCode} />
      <Refused failure={failure ?? sms.failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          {busy ? 'One moment …' : 'Confirm the number'}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={() => close('')}>
          Close
        </button>
      </div>
      <OtherCodes sent={sent} sms={sms} />
    </form>
  );
}
