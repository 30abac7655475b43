import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import type { SuppressionFilter } from '#libs/contracts/notification/api';
import type { SuppressionPage } from '#libs/contracts/notification/views';
import type { ById } from '#libs/contracts/page';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { SuppressionRepository } from './suppression.repository.ts';

@Injectable()
export class SuppressionHandlers {
  constructor(
    private readonly repository: SuppressionRepository,
    private readonly cursors: Cursors,
  ) {}

  async suppressions({ address, limit, cursor }: SuppressionFilter): Promise<SuppressionPage> {
    const list = `suppressions ${JSON.stringify(address ?? null)}`;
    const before = cursor === undefined ? undefined : String(this.cursors.decode(cursor, list)[0]);
    const rows = await this.repository.page({ address, before, limit: limit + 1 });
    const { items, nextCursor } = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], list));
    return { items: items.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() })), nextCursor };
  }

  async removeSuppression({ id }: ById): Promise<void> {
    if (!(await this.repository.remove(id))) throw notFound();
  }
}
