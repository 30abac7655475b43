import { cassandraEnv } from '#libs/runtime/cassandra-settings';
import {
  choice,
  environment,
  isProduction,
  list,
  pem,
  type Source,
  secret,
  text,
  together,
  url,
  type Values,
  whole,
} from '#libs/runtime/environment';

const smtp = ['smtp', 'smtps'];

export const notificationEnv = together(
  environment(
    {
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
      DIGEST_SECONDS: whole({
        default: 900,
        min: 0,
        max: 86_400,
        about: 'What a wishlist has to tell in so many seconds leaves as one message.',
      }),
      DELIVERY_RETRY_SECONDS: list({
        default: ['5', '30', '120', '600', '3600'],
        about:
          'Seconds before each further try of a message that a provider could not take. Codes: 1, 2, 4. Links of accounts: 1, 2, 4, then these.',
      }),
      SMTP_URL: url({
        optional: true,
        protocols: smtp,
        about: 'Where mail goes, with its login: smtp:// (STARTTLS where the server has it) or smtps://. Without it: the dev inbox.',
      }),
      SMTP_FALLBACK_URL: url({ optional: true, protocols: smtp, about: 'A second mail provider, from the second try on.' }),
      MAIL_FROM: text({
        default: 'Only2U <no-reply@only2u.test>',
        pattern: /^[^\r\n]*[^\s<>@]+@[^\s<>@]+>?$/,
        expects: 'an address, with a name before it in the form Name <address>',
        about: 'Who mails come from.',
      }),
      DKIM_DOMAIN: text({ optional: true, about: 'Signs mails for this domain (DKIM); with DKIM_SELECTOR and DKIM_PRIVATE_KEY.' }),
      DKIM_SELECTOR: text({ optional: true, about: 'Where the domain publishes the key.' }),
      DKIM_PRIVATE_KEY: pem({ optional: true, about: 'The key that signs mails.' }),
      FIREBASE_SERVICE_ACCOUNT: text({
        optional: true,
        pattern: /^\s*\{[\s\S]*\}\s*$/,
        expects: 'the JSON of a service account',
        about: 'The account that pushes go by. Without it: the dev inbox.',
      }),
      FCM_ENDPOINT: url({
        optional: true,
        protocols: ['https'],
        about: 'For tests: stands for fcm.googleapis.com, without OAuth. Refused in production.',
      }),
      FCM_CA_FILE: text({
        optional: true,
        about: 'For tests: the PEM file of the authority that signs FCM_ENDPOINT. Refused in production.',
      }),
      SMS_PROVIDER: choice(['sandbox', 'msg91', 'gupshup'], { default: 'sandbox', about: 'Who sends SMS; sandbox: the dev inbox.' }),
      SMS_BASE_URL: url({ optional: true, about: 'For tests: stands for the address of the SMS provider. Refused in production.' }),
      SMS_SENDER: text({ default: 'ONLYTU', pattern: /^[A-Za-z]{6}$/, expects: 'six letters', about: 'The registered header of SMS.' }),
      SMS_DLT_ENTITY_ID: text({
        optional: true,
        pattern: /^\d{1,30}$/,
        expects: 'digits',
        about: 'The id of the shop at the DLT registry of India’s operators.',
      }),
      MSG91_AUTH_KEY: secret({ min: 8, optional: true, about: 'With SMS_PROVIDER=msg91.' }),
      GUPSHUP_USER_ID: text({ optional: true, about: 'With SMS_PROVIDER=gupshup.' }),
      GUPSHUP_PASSWORD: secret({ min: 6, optional: true, about: 'With SMS_PROVIDER=gupshup.' }),
      MAIL_WEBHOOK_SECRET: secret({
        min: 16,
        optional: true,
        about: 'Signs what the mail provider tells of bounces and complaints. Without it that webhook answers 400; a must in production.',
      }),
      SMS_WEBHOOK_SECRET: secret({
        min: 16,
        optional: true,
        about: 'Signs the receipts of the SMS provider. Without it that webhook answers 400; a must in production.',
      }),
    },
    inProduction,
    complete,
  ),
  cassandraEnv,
);
export type NotificationEnv = Values<typeof notificationEnv>;

const NEEDED = ['SMTP_URL', 'FIREBASE_SERVICE_ACCOUNT', 'SMS_PROVIDER', 'MAIL_FROM', 'MAIL_WEBHOOK_SECRET', 'SMS_WEBHOOK_SECRET'];
const FOR_TESTS = ['FCM_ENDPOINT', 'FCM_CA_FILE', 'SMS_BASE_URL'];

/** What leaves a shop in production really leaves. */
function inProduction(source: Source): string[] {
  if (!isProduction(source)) return [];
  return [
    ...NEEDED.filter((name) => !source[name]).map((name) => `${name} must be set in production`),
    ...(source.SMS_PROVIDER === 'sandbox' ? ['SMS_PROVIDER must be a real one in production'] : []),
    ...FOR_TESTS.filter((name) => source[name]).map((name) => `${name} is for tests, and refused in production`),
  ];
}

/** What belongs together is there together. */
function complete(source: Source): string[] {
  const dkim = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY'];
  const keys: Readonly<Record<string, readonly string[]>> = {
    msg91: ['SMS_DLT_ENTITY_ID', 'MSG91_AUTH_KEY'],
    gupshup: ['SMS_DLT_ENTITY_ID', 'GUPSHUP_USER_ID', 'GUPSHUP_PASSWORD'],
  };
  const retries = (source.DELIVERY_RETRY_SECONDS ?? '').split(',').filter((entry) => entry.trim() !== '' && !/^\s*\d{1,6}\s*$/.test(entry));
  return [
    ...(keys[source.SMS_PROVIDER ?? ''] ?? []).filter((name) => !source[name]).map((name) => `${name} is missing: SMS_PROVIDER needs it`),
    ...(dkim.some((name) => source[name])
      ? dkim.filter((name) => !source[name]).map((name) => `${name} is missing: DKIM needs all three`)
      : []),
    ...(retries.length > 0 ? ['DELIVERY_RETRY_SECONDS must be whole seconds separated by commas'] : []),
  ];
}
