import { cassandraEnv } from '#libs/runtime/cassandra-settings';
import { environment, together, url, type Values, whole } from '#libs/runtime/environment';

export const notificationEnv = together(
  environment({
    MARKETING_CAP_PER_DAY: whole({
      default: 2,
      min: 0,
      max: 1_000,
      about: 'Promotions that a user gets a day by push, mail and SMS together.',
    }),
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
  }),
  cassandraEnv,
);
export type NotificationEnv = Values<typeof notificationEnv>;
