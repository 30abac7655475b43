import type { Locale } from '#libs/contracts/notification/views';
import type { CAUSES, Template } from '../causes.ts';
import { mailPage } from './mail-page.ts';

/** A message as it is worded, with `{{variables}}`. `subject` is the title of a push and of what stands in the list. */
export interface Wording {
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
}

/** A wording for each channel of each template. */
export type Wordings = { readonly [T in Template]: Readonly<Record<(typeof CAUSES)[T]['channels'][number], Wording>> };
export type Values = Readonly<Record<string, string>>;

export interface MailParts {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Words of a button and where it leads. */
  readonly button?: readonly [words: string, link: string];
  /** Another link, below the button. */
  readonly second?: readonly [words: string, link: string];
  /** Below the links. */
  readonly closing?: readonly string[];
}

/** How messages are worded in one language; `greeting` opens each mail, where there is one. */
export function wordingIn(locale: Locale, greeting?: string) {
  const mail = ({ paragraphs, ...parts }: MailParts): Wording => {
    const { subject, button, second, closing = [] } = parts;
    const greeted = greeting === undefined ? paragraphs : [greeting, ...paragraphs];
    const links = [button, second].flatMap((one) => (one === undefined ? [] : [`${one[0]}:\n${one[1]}`]));
    return {
      subject,
      text: [...greeted, ...links, ...closing, 'Only2U'].join('\n\n'),
      html: mailPage(locale, { ...parts, paragraphs: greeted }),
    };
  };
  /** Title and body for push and list. */
  const note = (subject: string, text: string): Wording => ({ subject, text });
  /** The same words as push, in the list and, with more around them, as a mail. */
  const everywhere = (title: string, body: string, parts: Partial<MailParts> = {}) => {
    const { subject = title, paragraphs = [], ...more } = parts;
    return { push: note(title, body), in_app: note(title, body), email: mail({ ...more, subject, paragraphs: [body, ...paragraphs] }) };
  };
  return { mail, note, everywhere };
}

const VARIABLE = /\{\{\s*([A-Za-z]+)\s*\}\}/g;

const ANYTHING_IN_BRACES = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Also what is no variable and looks like one: it would be sent as it stands. */
export const variablesIn = ({ subject = '', text, html = '' }: Wording): string[] => [
  ...new Set([...`${subject}\n${text}\n${html}`.matchAll(ANYTHING_IN_BRACES)].map(([, name]) => name ?? '')),
];

export class MissingVariable extends Error {
  constructor(readonly variable: string) {
    super(`{{${variable}}} has no value`);
  }
}

/**
 * Puts values in. A value is text and nothing else: it is not searched for variables, and in a page its markup is shown as typed.
 * @throws MissingVariable
 */
export function rendered(wording: Wording, values: Values): Wording {
  const fill = (template: string, spelled: (value: string) => string): string =>
    template.replace(VARIABLE, (_, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) throw new MissingVariable(name);
      return spelled(value);
    });
  return {
    ...(wording.subject === undefined ? {} : { subject: fill(wording.subject, onOneLine) }),
    text: fill(wording.text, (value) => value),
    ...(wording.html === undefined ? {} : { html: fill(wording.html, escaped) }),
  };
}

/** The most that one variable of a registered SMS may have; more, and the operators drop the message. */
const MOST_OF_A_VARIABLE = 30;

/** Whether an SMS is, byte for byte, its registered text with values in the places of the variables. */
export function isRegistered(sms: string, registered: string): boolean {
  const literals = registered.split(VARIABLE).filter((_, index) => index % 2 === 0);
  const pattern = literals.map((literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join(`[^\\r\\n]{1,${MOST_OF_A_VARIABLE}}`);
  return new RegExp(`^${pattern}$`, 'u').test(sms);
}

const onOneLine = (value: string): string => value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (value: string): string => value.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
