import { environment, url, type Values } from '#libs/runtime/environment';

export const notificationEnv = environment({
  EMAIL_LINK_URL: url({
    optional: true,
    about:
      'The page that a verification mail leads to, with `?token=`; it posts the token to /api/auth/email/verify. Without it: PUBLIC_URL/verify-email, which the gateway answers.',
  }),
  PASSWORD_LINK_URL: url({
    optional: true,
    about:
      'The page that a mail for a new password leads to, with `?token=`; it posts the token to /api/auth/password/reset. Without it: PUBLIC_URL/reset-password, which the gateway answers.',
  }),
});
export type NotificationEnv = Values<typeof notificationEnv>;
