interface Place {
  readonly to: string;
  /** A path of these pages. */
  readonly isHere: boolean;
}

/** Where a notification leads; chats, orders and feedback have a page here, for customers and for staff. Undefined where it leads nowhere. */
export function placeOf({ threadId, orderId, feedbackId, link }: Readonly<Record<string, string>>): Place | undefined {
  if (threadId !== undefined && !threadId.includes(',')) return { to: `/chat/${threadId}`, isHere: true };
  // Several ids are joined by commas, and have no page of their own.
  if (orderId !== undefined && !orderId.includes(',')) return { to: `/orders/${orderId}`, isHere: true };
  if (feedbackId !== undefined && !feedbackId.includes(',')) return { to: `/feedback/${feedbackId}`, isHere: true };
  if (link === undefined || !/^https?:\/\//.test(link)) return undefined;
  return { to: link, isHere: false };
}
