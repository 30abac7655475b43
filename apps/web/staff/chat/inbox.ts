import type { Thread } from '#libs/client/chat-types';
import type { paths } from '#libs/client/schema';
import { queryClient } from '../../parts/api.ts';
import { inAMoment } from '../../parts/chat/in-a-moment.ts';

type Query = NonNullable<paths['/api/chat/support']['get']['parameters']['query']>;

export const BOXES = ['open', 'mine', 'assigned', 'closed', 'all'] as const;
export type Box = (typeof BOXES)[number];

/** What the address of the inbox asks for. */
export interface InboxFilters {
  readonly box?: Box | undefined;
  readonly q?: string | undefined;
  /** A customer's. */
  readonly userId?: string | undefined;
  readonly sort?: 'activity' | undefined;
}

export const boxOf = ({ box = 'open' }: InboxFilters): Box => box;

export const filtersIn = (address: URLSearchParams): InboxFilters => ({
  box: BOXES.find((one) => one === address.get('box')),
  q: address.get('q') ?? undefined,
  userId: address.get('userId') ?? undefined,
  sort: address.get('sort') === 'activity' ? 'activity' : undefined,
});

export function addressOf(filters: InboxFilters, threadId?: string): string {
  const given = new URLSearchParams(Object.entries(filters).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''));
  const path = threadId === undefined ? '/chat' : `/chat/${threadId}`;
  return given.size === 0 ? path : `${path}?${given}`;
}

export function queryOf({ q, userId, sort, ...rest }: InboxFilters): Query {
  const box = boxOf(rest);
  return {
    ...(box === 'mine' && { assigneeId: 'me' }),
    ...(box !== 'mine' && box !== 'all' && { status: box }),
    ...(q !== undefined && { q }),
    ...(userId !== undefined && { userId }),
    ...(sort !== undefined && { sort }),
  };
}

export const readInbox = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['get', '/api/chat/support'] });

/** As threads move, of which there may be many. */
export const readInboxSoon = inAMoment(() => void readInbox());

export const customerOf = ({ participants }: Thread): Thread['participants'][number] | undefined =>
  participants.find(({ role }) => role === 'customer');
