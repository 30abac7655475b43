import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { invalid, Refusal } from '#libs/contracts/errors';
import type { OrderSearch } from '#libs/contracts/order/api';
import type { OrderPage } from '#libs/contracts/order/views';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { OrderSearchRepository, type SearchText } from './order-search.repository.ts';

/** A mobile number as people write it, `+91` or not, with blanks or hyphens between. */
const PHONE = /^(?:\+?91)?([6-9]\d{9})$/;

/** Orders of everybody, for staff. */
@Injectable()
export class OrderSearchHandlers {
  constructor(
    private readonly repository: OrderSearchRepository,
    @InjectPeer(authApi) private readonly auth: Peer<typeof authApi>,
  ) {}

  async search({ limit, cursor, from, to, ...filters }: OrderSearch): Promise<OrderPage> {
    const { q } = filters;
    const text = q === undefined ? undefined : await this.searchText(q.trim());
    if (q !== undefined && text === undefined) return { items: [], nextCursor: null };
    return this.repository.search(
      {
        ...filters,
        ...(from === undefined ? {} : { from: instantOf('from', from) }),
        ...(to === undefined ? {} : { to: instantOf('to', to) }),
      },
      text,
      limit,
      cursor,
    );
  }

  /** Undefined when no order can match. */
  private async searchText(q: string): Promise<SearchText | undefined> {
    if (q.includes('\0')) return undefined;
    if (q.includes('@')) {
      const ownedBy = await this.ownerOf(q);
      return ownedBy === undefined ? undefined : { ownedBy };
    }
    const [, digits] = PHONE.exec(q.replaceAll(/[\s-]/g, '')) ?? [];
    return digits === undefined ? { number: q.toUpperCase() } : { phone: `+91${digits}` };
  }

  private async ownerOf(email: string): Promise<string | undefined> {
    try {
      return (await this.auth.findByEmail({ email })).userId;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}

/** Milliseconds. ISO 8601 has days that the calendar has not. */
function instantOf(path: string, text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid([{ path, message: 'must be a time like 2026-11-24T06:30:00.000Z' }]);
  return at;
}
