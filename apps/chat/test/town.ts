import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import type { Person } from '#libs/contracts/auth/messages';
import type { Role } from '#libs/contracts/call';
import { refuse } from '#libs/contracts/errors';
import { orderApi } from '#libs/contracts/order/api';
import type { Order } from '#libs/contracts/order/views';
import { productApi } from '#libs/contracts/product/api';
import { storageApi } from '#libs/contracts/storage/api';
import type { File } from '#libs/contracts/storage/views';
import { fakePeer } from '#libs/testing/test-service';

const fileOf = (id: string) => ({ id, name: 'bill.pdf', mime: 'application/pdf', size: 1_000 }) as File;
const cardOf = (productId: string) => ({
  ...{ productId, name: 'Kurta', slug: 'kurta', image: null, price: 100, mrp: 100, availability: 'in_stock' as const, priceVersion: 0 },
});

/** What auth, order, product and storage know; the suite changes it. */
export class Town {
  readonly people = new Map<string, Person>();
  readonly orders = new Map<string, { userId: string; status: string }>();
  readonly products = new Set<string>();
  /** Owner and purpose of each file. */
  readonly files = new Map<string, { userId: string; purpose: string }>();
  isAway = false;

  person(role: Role = 'customer', name = 'Asha'): string {
    const userId = uuidv7();
    this.people.set(userId, { userId, name, roles: [role], disabled: false, verified: true, createdAt: new Date().toISOString() });
    return userId;
  }

  order(userId: string): string {
    const orderId = uuidv7();
    this.orders.set(orderId, { userId, status: 'confirmed' });
    return orderId;
  }

  file(userId: string, purpose = 'chat'): string {
    const fileId = uuidv7();
    this.files.set(fileId, { userId, purpose });
    return fileId;
  }

  private answers(): void {
    if (this.isAway) throw refuse('unavailable');
  }

  readonly peers = [
    fakePeer(authApi, {
      people: async ({ userIds }) => {
        this.answers();
        return { items: userIds.flatMap((userId) => this.people.get(userId) ?? []) };
      },
    }),
    fakePeer(orderApi, {
      view: async ({ orderId, userId }) => {
        this.answers();
        const order = this.orders.get(orderId);
        if (order === undefined || (userId !== null && userId !== order.userId)) throw refuse('not_found');
        return { id: orderId, number: 'O2U-26-000123', status: order.status, paymentStatus: 'paid', total: 99_900 } as Order;
      },
    }),
    fakePeer(productApi, {
      cards: async ({ refs }) => {
        this.answers();
        return { items: refs.flatMap(({ productId }) => (this.products.has(productId) ? [cardOf(productId)] : [])) };
      },
    }),
    fakePeer(storageApi, {
      check: async ({ userId, purpose, fileIds }) => {
        this.answers();
        const isUsable = (id: string): boolean => this.files.get(id)?.userId === userId && this.files.get(id)?.purpose === purpose;
        return { files: fileIds.filter(isUsable).map(fileOf), unusable: fileIds.filter((id) => !isUsable(id)) };
      },
      sign: async ({ fileIds, seconds }) => ({
        items: fileIds.map((id) => ({ id, url: `/files/${id}?seconds=${seconds}`, expiresAt: new Date().toISOString() })),
      }),
    }),
  ];
}
