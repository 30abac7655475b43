import type { Access, AnyOperation } from './contract.ts';
import { shapeOf } from './schema.ts';

const CALLERS: Record<Access, string> = {
  public: 'Anyone may call it; a token is ignored.',
  optional: 'Anyone may call it; a token changes the answer, and a bad one is 401.',
  user: 'For signed-in callers, who reach their own objects only.',
  staff: 'For staff: support and admins.',
  admin: 'For admins.',
  internal: 'For services alone.',
  signature: 'For the payment provider, which signs what it sends.',
};

/** What a reader of the API needs to know of an operation: what it does, who may call it, and what holds wherever its kind of input stands. */
export function describeOperation(operation: AnyOperation): string {
  const { fields, byName } = shapeOf(operation.in);
  return [
    operation.description ?? `${operation.summary}.`,
    CALLERS[operation.access],
    operation.staffForAll ? 'Staff reach those of everybody.' : '',
    operation.path?.includes(':userId') ? '`me` stands for the caller; another user’s path is 403.' : '',
    byName.has('limit') && byName.has('cursor')
      ? 'A page has up to `limit` items; `nextCursor` leads to the next one and is null on the last.'
      : '',
    operation.oneOf.length > 0
      ? `Needs ${operation.oneOf.map((names) => names.map((name) => `\`${name}\``).join(' and ')).join(' or ')}.`
      : '',
    operation.bytes ? 'Answers bytes.' : '',
    fields.length === 0 && operation.method === 'POST' && operation.raw === undefined ? 'Takes `{}` or no body.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** What stands behind the summary in a list: who may call it. */
export const callersOf = ({ access }: AnyOperation): string => (access === 'public' || access === 'optional' ? 'public' : access);
