import type { Message } from './outgoing.ts';

/** One id for all tries, from which a receipt finds its message. */
export const messageIdOf = ({ notificationId }: Message, host: string): string => `<${notificationId}@${host}>`;

/** What mail programs and other machines are told (RFC 3834, RFC 8058). */
export const headersOf = ({ unsubscribe }: Message): Readonly<Record<string, string>> => ({
  'Auto-Submitted': 'auto-generated',
  ...(unsubscribe === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
});
