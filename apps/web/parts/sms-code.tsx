import { useEffect, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { phoneOf } from '#libs/contracts/spellings';
import { type Action, useAction } from './action.ts';
import { api, ask } from './api.ts';

export type SentCode = Schemas['OtpSent'] & {
  readonly phone: string;
  /** When another one may be asked for, by this machine's clock. */
  readonly resendAt: number;
};

export interface SmsCode extends Pick<Action, 'busy' | 'failure'> {
  /** Undefined before the first, and once another number is to be used. */
  readonly sent: SentCode | undefined;
  /** To a number as it was typed. */
  readonly send: (phone: string) => Promise<void>;
  readonly useOther: () => void;
}

/** Sends codes by SMS: `login` to sign in with a number, `verify` to attach it to the own account. */
export function useSmsCode(purpose: 'login' | 'verify'): SmsCode {
  const [sent, setSent] = useState<SentCode>();
  const { busy, failure, run } = useAction();
  const send = (typed: string): Promise<void> =>
    run(async () => {
      const phone = phoneOf(typed);
      if (phone === undefined) return;
      const answer = await ask(api.POST('/api/auth/otp/send', { body: { phone, purpose } }));
      setSent({ ...answer, phone, resendAt: Date.now() + answer.resendAfter * 1_000 });
    });
  return { sent, send, busy, failure, useOther: () => setSent(undefined) };
}

export const OnItsWay = ({ sent: { phone, expiresIn } }: { sent: SentCode }) => (
  <p role="status">{`A code is on its way to ${phone}. It is good for ${Math.ceil(expiresIn / 60)} minutes.`}</p>
);

/** Below the field for the code. */
export function OtherCodes({ sent, sms }: { sent: SentCode; sms: SmsCode }) {
  const wait = useSecondsTo(sent.resendAt);
  return (
    <div className="buttons">
      <button
        type="button"
        className="plain"
        disabled={wait > 0 || sms.busy}
        onClick={() => sms.send(sent.phone)}
        data-testid="resend-code"
      >
        {wait > 0 ? `Another code in ${wait} s` : 'Send another code'}
      </button>
      <button type="button" className="plain" onClick={sms.useOther}>
        Use another number
      </button>
    </div>
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
