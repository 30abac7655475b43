import { cassandraEnv } from '#libs/runtime/cassandra-settings';
import { environment, secret, together, url, type Values, whole } from '#libs/runtime/environment';

export const notificationEnv = together(
  environment({
    SHOP_URL: url({
      optional: true,
      about: 'Where the pages are that messages lead to: /orders/:id and /cart stand below it. Without it: PUBLIC_URL/demo.',
    }),
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
    MARKETING_CAP_PER_DAY: whole({
      default: 2,
      min: 0,
      max: 1_000,
      about: 'Promotions that a user gets a day by push, mail and SMS together.',
    }),
    MAIL_WEBHOOK_SECRET: secret({
      min: 16,
      optional: true,
      about: 'Signs what the mail provider tells of bounces and complaints. Without it that webhook answers 400.',
    }),
    SMS_WEBHOOK_SECRET: secret({
      min: 16,
      optional: true,
      about: 'Signs the receipts of the SMS provider. Without it that webhook answers 400.',
    }),
  }),
  cassandraEnv,
);
export type NotificationEnv = Values<typeof notificationEnv>;
