import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { ownerOf } from './cart.ts';
import { CartStore } from './cart-store.ts';

/** What this service has of somebody: their cart. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly store: CartStore) {}

  async exportOf({ userId }: ExportAsked): Promise<ExportPart> {
    const { lines, coupon, updatedAt } = await this.store.read(ownerOf(userId));
    return { content: JSON.stringify([{ lines, coupon, updatedAt: new Date(updatedAt).toISOString() }]), next: null };
  }
}
