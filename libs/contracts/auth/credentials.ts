import { operation } from '../contract.ts';
import { Email, Means, Text } from '../fields.ts';
import { Nothing } from '../page.ts';

export class VerifyEmail {
  @Means('From the link of the mail.') @Text(1, 128) token!: string;
}

export class ChangePassword {
  @Text(1, 128) currentPassword!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) newPassword!: string;
}

export class ForgotPassword {
  @Email() email!: string;
}

export class ResetPassword {
  @Means('From the link of the mail; good once.') @Text(1, 128) token!: string;
  @Means('Any Unicode, exact bytes; breached ones are refused.') @Text(12, 128) newPassword!: string;
}

export const credentialOperations = {
  verifyEmail: operation({
    summary: 'Confirm an e-mail address with the token of a mail',
    access: 'public',
    http: 'POST /auth/email/verify',
    in: VerifyEmail,
    errors: { 'auth.bad_link': 'bad_request' },
  }),
  resendEmail: operation({
    summary: 'Send the mail that confirms the own address once more',
    access: 'user',
    http: 'POST /auth/email/resend',
    in: Nothing,
    out: Nothing,
    status: 202,
  }),
  changePassword: operation({
    summary: 'Change the own password, which ends all other sessions',
    access: 'user',
    http: 'POST /auth/password/change',
    in: ChangePassword,
    errors: { 'auth.bad_credentials': 'unauthenticated', 'auth.password_breached': 'bad_request' },
    timeoutMs: 7_000,
  }),
  forgotPassword: operation({
    summary: 'Ask for a mail with a link that sets a new password',
    description: 'The answer is the same whether there is such an account.',
    access: 'public',
    http: 'POST /auth/password/forgot',
    in: ForgotPassword,
    out: Nothing,
    status: 202,
  }),
  resetPassword: operation({
    summary: 'Set a new password with the token of a mail, which ends all sessions',
    description: 'A link works once. It proves the e-mail address too.',
    access: 'public',
    http: 'POST /auth/password/reset',
    in: ResetPassword,
    errors: { 'auth.bad_link': 'bad_request', 'auth.password_breached': 'bad_request' },
    timeoutMs: 7_000,
  }),
};
