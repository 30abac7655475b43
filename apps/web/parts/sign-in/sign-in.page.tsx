import { type ReactNode, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { guestToken } from '../guest-token.ts';
import { session } from '../session.ts';
import { isRemembered } from '../site-data.ts';
import { CodeForm } from './code-form.tsx';
import { type DemoLogin, PasswordForm } from './password-form.tsx';
import { type Question, SecondStep } from './second-step.tsx';
import type { SignInAnswer } from './sign-in-answer.ts';

/** `new` makes an account; `code` is for customers, by a code that comes by SMS. */
type Way = 'password' | 'new' | 'code';
const TITLES: Readonly<Record<Way, string>> = { password: 'Sign in', new: 'Create an account', code: 'Sign in by SMS' };

interface SignInPageProps {
  /** Where it goes on; the address may say so too. */
  readonly next?: string;
  readonly demo: DemoLogin;
  /** Staff have no accounts by phone, and make none for themselves. */
  readonly isForStaff?: boolean;
}

export function SignInPage({ next, demo, isForStaff = false }: SignInPageProps) {
  const [query] = useSearchParams();
  const [, navigate] = useLocation();
  const [way, setWay] = useState<Way>(query.has('new') ? 'new' : 'password');
  const [question, setQuestion] = useState<Question>();
  const target = next ?? pathIn(query.get('next')) ?? '/';
  const isCarried = guestToken.get() !== undefined && ['/cart', '/checkout'].includes(target);
  const follow = ({ user, accessToken, enrolmentRequired, mfaToken = '', mfaMethods = ['totp'] }: SignInAnswer): void => {
    if (user === undefined || accessToken === undefined) {
      setQuestion({ mfaToken, mfaMethods });
      return;
    }
    session.begin({ user, accessToken, ...(enrolmentRequired && { enrolmentRequired }) });
    navigate(target, { replace: true });
  };
  if (question !== undefined) {
    return (
      <Narrow title="One more step">
        <SecondStep question={question} follow={follow} again={() => setQuestion(undefined)} />
      </Narrow>
    );
  }
  return (
    <Narrow title={TITLES[way]}>
      {!isRemembered && (
        <p className="note" role="status" data-testid="not-remembered">
          Your browser keeps no data for this site. You can sign in and buy, but only on this one page: once it is closed or loaded again
          you are signed out and the cart of a guest is gone. Allow site data for this address to stay signed in.
        </p>
      )}
      {isCarried && <p className="quiet">What you have picked comes along.</p>}
      {way === 'code' ? (
        <CodeForm follow={follow} back={() => setWay('password')} />
      ) : (
        <PasswordForm
          isNew={way === 'new'}
          turn={() => setWay(way === 'new' ? 'password' : 'new')}
          {...(!isForStaff && { byCode: () => setWay('code') })}
          demo={demo}
          follow={follow}
        />
      )}
    </Narrow>
  );
}

const Narrow = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="narrow">
    <title>{`${title} – Only2U`}</title>
    <div className="page-head">
      <h1>{title}</h1>
    </div>
    {children}
  </div>
);

/** Only a path of these pages; `//elsewhere.example` is none. */
const pathIn = (text: string | null): string | undefined => (text !== null && /^\/(?![/\\])/.test(text) ? text : undefined);
