import type { Message } from './outgoing.ts';

/** An SMS as a provider's HTTP interface takes it, and what its answer means. */
export interface SmsProvider {
  readonly name: string;
  request(message: Message, dltTemplateId: string): { readonly url: string; readonly init: RequestInit };
  /** The provider's id of the message it took; undefined: it refused, with this code. */
  read(status: number, body: string): { readonly id: string } | { readonly code: string };
}

const phoneOf = ({ to }: Message): string => (to[0] ?? '').replace(/^\+/, '');

export interface Msg91Account {
  readonly authKey: string;
  readonly sender: string;
  readonly entityId: string;
}

/** MSG91, `POST /api/sendhttp.php` (route 4 is transactional): the whole text travels, with the ids it is registered under. */
export const msg91 = ({ authKey, sender, entityId }: Msg91Account, baseUrl = 'https://api.msg91.com'): SmsProvider => ({
  name: 'msg91',
  request: (message, dltTemplateId) => ({
    url: `${baseUrl}/api/sendhttp.php`,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authkey: authKey },
      body: new URLSearchParams({
        ...{
          mobiles: phoneOf(message),
          message: message.text,
          sender,
          route: message.category === 'promotions' ? '1' : '4',
          country: '91',
        },
        ...{ DLT_TE_ID: dltTemplateId, PE_ID: entityId, unicode: isPlain(message.text) ? '0' : '1', response: 'json' },
      }),
    },
  }),
  read: (status, body) => {
    const answer = parsed(body);
    return status === 200 && answer.type === 'success' && typeof answer.message === 'string'
      ? { id: answer.message }
      : { code: String(answer.message ?? status).slice(0, 100) };
  },
});

export interface GupshupAccount {
  readonly userId: string;
  readonly password: string;
  readonly sender: string;
  readonly entityId: string;
}

/** Gupshup Enterprise SMS, `GET`/`POST /GatewayAPI/rest` with `method=SendMessage`. */
export const gupshup = (
  { userId, password, sender, entityId }: GupshupAccount,
  baseUrl = 'https://enterprise.smsgupshup.com',
): SmsProvider => ({
  name: 'gupshup',
  request: (message, dltTemplateId) => ({
    url: `${baseUrl}/GatewayAPI/rest`,
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...{ method: 'SendMessage', v: '1.1', auth_scheme: 'plain', format: 'json', userid: userId, password },
        ...{ send_to: phoneOf(message), msg: message.text, msg_type: isPlain(message.text) ? 'TEXT' : 'UNICODE_TEXT', mask: sender },
        ...{ principalEntityId: entityId, dltTemplateId },
      }),
    },
  }),
  read: (status, body) => {
    const { response } = parsed(body);
    const answer = typeof response === 'object' && response !== null ? (response as Record<string, unknown>) : {};
    return status === 200 && answer.status === 'success' && typeof answer.id === 'string'
      ? { id: answer.id }
      : { code: String(answer.details ?? status).slice(0, 100) };
  },
});

/** Whether every character is in the 7-bit alphabet of SMS; else the text goes as UCS-2. */
const isPlain = (text: string): boolean => /^[\n\r -~£¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]*$/.test(text);

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
