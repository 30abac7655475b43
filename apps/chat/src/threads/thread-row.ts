import type { ThreadKind, ThreadStatus } from '#libs/contracts/chat/views';

export interface ThreadRow {
  readonly id: string;
  readonly kind: ThreadKind;
  readonly status: ThreadStatus | null;
  readonly subject: string | null;
  readonly order_id: string | null;
  readonly customer_id: string | null;
  readonly assignee_id: string | null;
  readonly waiting_since: Date | null;
  readonly closed_at: Date | null;
  readonly last_sequence: number;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface MemberRow {
  readonly thread_id: string;
  readonly user_id: string;
  readonly role: 'customer' | 'staff';
  readonly is_added: boolean;
  readonly left_at: Date | null;
  readonly delivered: number;
  readonly read: number;
  readonly unread: number;
  readonly pushed_sequence: number | null;
}
