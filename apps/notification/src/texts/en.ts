import { type MailParts, mail, note, type Wordings } from './text.ts';

const letter = (parts: MailParts) => mail('en', parts);

export const en: Wordings = {
  otp: { sms: { text: '{{code}} is your Only2U code. It is good for {{minutes}} minutes. Do not share it with anyone. - Only2U' } },
  email_verification: {
    email: letter({
      subject: 'Confirm your e-mail address',
      paragraphs: ['Hello {{name}},', 'please confirm that this e-mail address is yours.'],
      button: ['Confirm the address', '{{link}}'],
      closing: ['The link is good for {{hours}} hours. If you did not sign up at Only2U, ignore this mail.'],
    }),
  },
  password_reset: {
    email: letter({
      subject: 'Choose a new password',
      paragraphs: ['Hello {{name}},', 'somebody asked for a new password for your Only2U account.'],
      button: ['Choose a new password', '{{link}}'],
      closing: [
        'The link works once, for {{minutes}} minutes. If it was not you who asked, ignore this mail: your password stays as it is.',
      ],
    }),
  },
  staff_invitation: {
    email: letter({
      subject: 'You are invited to work at Only2U',
      paragraphs: [
        'Hello {{name}},',
        'an account of the Only2U team was made for you. Choose a password, then sign in with this e-mail address.',
      ],
      button: ['Choose a password', '{{link}}'],
      closing: ['The link works once, for {{hours}} hours. If you do not know what this is about, ignore this mail.'],
    }),
  },
  new_sign_in: {
    push: note('New sign-in', 'Your account was signed in to from a new device.'),
    in_app: note('New sign-in', 'Your account was signed in to from a new device on {{at}}.'),
    email: letter({
      subject: 'New sign-in to your account',
      paragraphs: ['Hello {{name}},', 'your Only2U account was signed in to from a new device on {{at}}.'],
      closing: ['If that was you, there is nothing to do. If not, end that session under “Devices” and change your password.'],
    }),
  },
  password_changed: {
    push: note('Password changed', 'The password of your account was changed.'),
    in_app: note('Password changed', 'The password of your account was changed on {{at}}.'),
    email: letter({
      subject: 'Your password was changed',
      paragraphs: ['Hello {{name}},', 'the password of your Only2U account was changed on {{at}}. All other devices were signed out.'],
      closing: ['If it was not you, choose a new password at once by “Forgot password”.'],
    }),
  },
  session_replay: {
    push: note('Someone used an old session', 'We have signed both devices out. If it was not you, change your password.'),
    in_app: note('Someone used an old session', 'A sign-in was used from two places. We have ended it on both.'),
    email: letter({
      subject: 'Someone used an old session',
      paragraphs: ['Hello {{name}},', 'a sign-in of yours was used from two places on {{at}}. We have ended it on both.'],
      closing: ['If that was not you, change your password.'],
    }),
  },
  order_confirmed: {
    push: note('Order confirmed', 'Your order {{number}} for {{total}} is confirmed.'),
    in_app: note('Order confirmed', 'Your order {{number}} for {{total}} is confirmed.'),
    sms: { text: 'Your Only2U order {{number}} for {{total}} is confirmed. We will tell you when it is shipped. - Only2U' },
    email: letter({
      subject: 'Your order {{number}} is confirmed',
      paragraphs: ['Hello {{name}},', 'thank you for your order. We have it, and will tell you when it is on its way.', 'Total: {{total}}'],
      button: ['See the order', '{{link}}'],
      closing: ['The invoice: {{invoice}}'],
    }),
  },
};
