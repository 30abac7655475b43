import { hash } from 'node:crypto';
import type { SendMessage } from '#libs/contracts/chat/inputs';
import type { Attachment, SystemEvent } from '#libs/contracts/chat/views';
import { type FieldError, invalid } from '#libs/contracts/errors';
import { VISIBLE } from '#libs/contracts/spellings';

/** What a message says: the part of it that may lie in another store. */
export interface Content {
  readonly body: string;
  readonly attachments?: readonly Attachment[];
  readonly productId?: string;
  readonly orderId?: string;
  readonly system?: SystemEvent;
}

/** Of a deleted message. */
export const EMPTY: Content = { body: '' };

export const writtenContent = (content: Content): string => JSON.stringify(content);
// As it was written by `writtenContent`.
export const readContent = (text: string): Content => JSON.parse(text) as Content;

const FIELDS = { attachments: 'image', productId: 'product', orderId: 'order' } as const;

/** @throws validation_failed where a field is missing that the type needs, or belongs to another type */
export function checkShape({ type, body, ...given }: SendMessage): void {
  const errors: FieldError[] = [];
  for (const [field, owner] of Object.entries(FIELDS)) {
    const isThere = given[field as keyof typeof FIELDS] !== undefined;
    if (isThere && owner !== type) errors.push({ path: field, message: `belongs to a message of type ${owner}` });
    if (!isThere && owner === type) errors.push({ path: field, message: `is what a message of type ${type} has` });
  }
  if (type === 'text' && (body === undefined || !VISIBLE.test(body))) errors.push({ path: 'body', message: 'must not be blank' });
  const files = given.attachments ?? [];
  if (new Set(files).size < files.length) errors.push({ path: 'attachments', message: 'names a file more than once' });
  if (errors.length > 0) throw invalid(errors);
}

/** The same for the same content, whatever becomes of it later; of a body that is masked already. */
export const hashOf = ({
  type,
  body = '',
  attachments = [],
  productId,
  orderId,
}: Omit<SendMessage, 'threadId' | 'clientMessageId'>): string =>
  hash('sha256', JSON.stringify([type, body, attachments, productId ?? null, orderId ?? null]), 'base64url');
