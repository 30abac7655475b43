import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { Refusal } from '#libs/contracts/errors';
import type { OrderSearch } from '#libs/contracts/order/api';
import type { OrderPage } from '#libs/contracts/order/views';
import { phoneOf } from '#libs/contracts/spellings';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { OrderSearchRepository, type SearchText } from './order-search.repository.ts';

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
        ...(from === undefined ? {} : { from: Date.parse(from) }),
        ...(to === undefined ? {} : { to: Date.parse(to) }),
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
    const phone = phoneOf(q);
    return phone === undefined ? { part: q } : { phone };
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
