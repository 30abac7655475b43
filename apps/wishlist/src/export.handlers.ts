import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { alertOf } from './alert.repository.ts';
import { ExportRepository } from './export.repository.ts';
import { collectionOf, itemOf } from './wishlist.ts';

/** What this service has of somebody: lists and alerts first, then the entries in parts. */
@Injectable()
export class ExportHandlers {
  constructor(private readonly repository: ExportRepository) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    if (cursor === undefined) {
      const { lists, alerts } = await this.repository.overview(userId);
      const content = [...lists.map((row) => ({ list: collectionOf(row, true) })), ...alerts.map((row) => ({ alert: alertOf(row) }))];
      return { content: JSON.stringify(content), next: ENTRIES };
    }
    const { items, next } = await this.repository.entries(userId, cursor === ENTRIES ? undefined : cursor);
    const content = items.map((row) => {
      const { id, productId, variantId, name, size, color, addedPrice, note, addedAt } = itemOf(row, undefined, true);
      return { entry: { id, listId: row.collection_id, productId, variantId, name, size, color, addedPrice, note, addedAt } };
    });
    return { content: JSON.stringify(content), next };
  }
}

const ENTRIES = 'entries';
