import { Injectable } from '@nestjs/common';
import type { Call } from '#libs/contracts/call';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import type { CheckedFiles, CheckFiles, SignedFiles, SignFiles } from '#libs/contracts/storage/messages';
import { Database } from '#libs/persistence/database';
import { FileRepository } from './file.repository.ts';
import { FileViews } from './file-view.ts';
import { HolderRepository } from './holder.repository.ts';
import { Links } from './links.ts';

const EXPORT_PAGE = 500;

/** What other services ask. */
@Injectable()
export class HeldHandlers {
  constructor(
    private readonly database: Database,
    private readonly files: FileRepository,
    private readonly holders: HolderRepository,
    private readonly views: FileViews,
    private readonly links: Links,
  ) {}

  /** Holds the files only when all of them can be used. */
  async check({ userId, purpose, visibility, fileIds, ref }: CheckFiles, { actor }: Call): Promise<CheckedFiles> {
    const service = actor.kind === 'service' ? actor.name : '';
    return this.database.transaction(async (transaction) => {
      const rows = await this.files.usable(transaction, fileIds, userId, purpose, visibility);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const unusable = fileIds.filter((id) => !byId.has(id));
      if (unusable.length === 0) this.holders.promise(transaction, service, ref, [...byId.keys()]);
      const files = fileIds.flatMap((id) => byId.get(id) ?? []).map((row) => this.views.of(row, { isOwner: true }));
      return { files, unusable };
    });
  }

  async sign({ fileIds, seconds }: SignFiles, { actor }: Call): Promise<SignedFiles> {
    const held = new Set(await this.holders.heldBy(actor.kind === 'service' ? actor.name : '', fileIds));
    const items = fileIds
      .filter((id) => held.has(id))
      .map((id) => {
        const { url, expiresAt } = this.links.signed(id, seconds);
        return { id, url, expiresAt: expiresAt.toISOString() };
      });
    return { items };
  }

  /** With links, so that the bytes can be fetched for a while. */
  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const rows = await this.files.page(userId, { after: cursor, limit: EXPORT_PAGE });
    const page = rows.slice(0, EXPORT_PAGE);
    const content = JSON.stringify(page.map((row) => this.views.of(row, { isOwner: true })));
    return { content, next: rows.length > EXPORT_PAGE ? (page.at(-1)?.id ?? null) : null };
  }
}
