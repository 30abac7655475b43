import type { Receipt } from '#libs/contracts/chat/views';
import type { Blocked } from '../people/block.repository.ts';
import type { UserRow } from '../people/user.repository.ts';
import type { MemberRow } from './thread-row.ts';

/** What people keep to themselves. */
export interface Manners {
  readonly users: ReadonlyMap<string, Pick<UserRow, 'read_receipts' | 'delivery_receipts' | 'presence'>>;
  readonly blocked: Blocked;
}

type Setting = 'read_receipts' | 'delivery_receipts' | 'presence';

/** Whether both let it be known, and neither has blocked the other. `viewer`: undefined for staff who look on. */
export function isShown(setting: Setting, owner: string, viewer: string | undefined, { users, blocked }: Manners): boolean {
  if (owner === viewer) return true;
  const allows = (userId: string): boolean => users.get(userId)?.[setting] !== false;
  return allows(owner) && (viewer === undefined || (allows(viewer) && !blocked.has(owner, viewer)));
}

/** How far a member is, as `viewer` may know. */
export const receiptOf = (member: MemberRow, viewer: string | undefined, manners: Manners): Receipt => ({
  ...{ threadId: member.thread_id, userId: member.user_id },
  delivered: isShown('delivery_receipts', member.user_id, viewer, manners) ? member.delivered : null,
  read: isShown('read_receipts', member.user_id, viewer, manners) ? member.read : null,
});
