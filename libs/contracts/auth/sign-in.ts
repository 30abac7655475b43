import { operation } from '../contract.ts';
import { Email, Flag, Means, OneOf, Optional, Phone, Text, Uuid, Words } from '../fields.ts';
import { ById, Nothing } from '../page.ts';
import { OtpSent, SessionList, SignedIn, SignInStep } from './views.ts';

export class Register {
  @Email() email!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) password!: string;
  @Means('As it is shown to the user and on parcels.') @Words(1, 100) name!: string;
  @Optional() @Phone() phone?: string;
  @Means('The code of a friend who told about the shop; one that does not apply changes nothing.')
  @Optional()
  @Text(0, 2_000)
  referralCode?: string;
}

export class Login {
  @Email() email!: string;
  @Text(1, 128) password!: string;
}

export class SendOtp {
  @Phone() phone!: string;
  @Means('`login` unless said; `verify` attaches the number to the caller.') @Optional() @OneOf(['login', 'verify']) purpose?: string;
}

export class VerifyOtp {
  @Uuid() requestId!: string;
  @Phone() phone!: string;
  @Text(1, 40) code!: string;
  @Means('Of a new customer.') @Optional() @Words(1, 100) name?: string;
}

export class Refresh {
  @Means('Left out where it travels in the cookie.') @Optional() @Text(1, 128) refreshToken?: string;
}

export class Logout {
  @Means("Ends the session of this token instead of the caller's; a foreign one is ignored.")
  @Optional()
  @Text(1, 128)
  refreshToken?: string;
  @Means('Ends all sessions of the caller.') @Optional() @Flag() all?: boolean;
}

export const signInOperations = {
  register: operation({
    summary: 'Create an account and sign in',
    access: 'public',
    http: 'POST /auth/register',
    in: Register,
    out: SignedIn,
    status: 201,
    errors: { 'auth.email_taken': 'conflict', 'auth.password_breached': 'bad_request', rate_limited: 'rate_limited' },
    timeoutMs: 7_000,
    refreshToken: 'issues',
  }),
  login: operation({
    summary: 'Sign in with e-mail and password',
    description: 'Answers an access token of 15 minutes and a refresh token for the next one. The example is a login of the demo shop.',
    access: 'public',
    http: 'POST /auth/login',
    in: Login,
    out: SignInStep,
    errors: { 'auth.bad_credentials': 'unauthenticated' },
    timeoutMs: 4_000,
    refreshToken: 'issues',
  }),
  sendOtp: operation({
    summary: 'Send a code by SMS',
    description: 'The answer is the same whether the number is known. A code that was sent before is dead from then on.',
    access: 'optional',
    http: 'POST /auth/otp/send',
    in: SendOtp,
    out: OtpSent,
    status: 202,
  }),
  verifyOtp: operation({
    summary: 'Sign in with the code of an SMS, or attach the number to the own account',
    description:
      'An unknown number becomes a new customer. A code is good for five minutes and five tries; every failure is answered alike. Attaching a number that another account uses is a conflict.',
    access: 'optional',
    http: 'POST /auth/otp/verify',
    in: VerifyOtp,
    out: SignInStep,
    errors: { 'auth.bad_code': 'unauthenticated', 'auth.phone_taken': 'conflict' },
    refreshToken: 'issues',
  }),
};

export const refreshOperations = {
  refresh: operation({
    summary: 'Exchange a refresh token for its successor and a new access token',
    access: 'public',
    http: 'POST /auth/refresh',
    in: Refresh,
    out: SignedIn,
    errors: { 'auth.bad_refresh_token': 'unauthenticated' },
    refreshToken: 'renews',
  }),
  logout: operation({
    summary: 'End a session, or all of them',
    access: 'user',
    http: 'POST /auth/logout',
    in: Logout,
    refreshToken: 'ends',
  }),
};

export const sessionOperations = {
  sessions: operation({
    summary: 'Devices that are signed in',
    access: 'user',
    http: 'GET /auth/sessions',
    in: Nothing,
    out: SessionList,
  }),
  endSession: operation({ summary: 'Sign a device out', access: 'user', http: 'DELETE /auth/sessions/:id', in: ById }),
};
