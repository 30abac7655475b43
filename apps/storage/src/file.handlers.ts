import { Injectable } from '@nestjs/common';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { type EditFile, type FilesOf, type NewLink, storageApi } from '#libs/contracts/storage/api';
import type { File, FilePage, Link, StorageUsage } from '#libs/contracts/storage/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { AccountRepository } from './account.repository.ts';
import { BlobRepository } from './blob.repository.ts';
import { FileRepository, type FileRow } from './file.repository.ts';
import { isOwner, mayRead } from './file-access.ts';
import { nameOf } from './file-name.ts';
import { FileViews, isImage } from './file-view.ts';
import { visibilityFor } from './intake.ts';
import { Links } from './links.ts';
import { UsageRepository } from './usage.repository.ts';

/** What is known of files, and what their owners do with them. */
@Injectable()
export class FileHandlers {
  constructor(
    private readonly database: Database,
    private readonly files: FileRepository,
    private readonly blobs: BlobRepository,
    private readonly accounts: AccountRepository,
    private readonly numbers: UsageRepository,
    private readonly views: FileViews,
    private readonly links: Links,
    private readonly cursors: Cursors,
  ) {}

  async get({ id }: ById, { actor }: Call): Promise<File> {
    const file = await this.files.find(id);
    if (file === undefined || !mayRead(file, actor)) throw notFound();
    return this.views.of(file, { isOwner: isOwner(file, actor) });
  }

  async list({ userId, folder, purpose, limit, cursor }: FilesOf, call: Call): Promise<FilePage> {
    const name = `files ${userId} ${JSON.stringify([folder ?? null, purpose ?? null])}`;
    const after = cursor === undefined ? undefined : String(this.cursors.decode(cursor, name)[0]);
    const filters = { ...(folder === undefined ? {} : { folder }), ...(purpose === undefined ? {} : { purpose }) };
    const [rows, usage] = await Promise.all([
      this.files.page(userId, { ...filters, after, limit }),
      this.accounts.usageOf({ userId, isAdmin: userOf(call).roles.includes('admin') }),
    ]);
    const { items, nextCursor } = pageOf(rows, limit, ({ id }) => this.cursors.encode([id], name));
    return { items: items.map((row) => this.views.of(row, { isOwner: true })), nextCursor, usage };
  }

  async link({ id, preset, expiresIn, download }: NewLink, call: Call): Promise<Link> {
    const file = await this.own(id, call);
    if (preset !== undefined && !isImage(file.mime)) throw invalid([{ path: 'preset', message: 'is not a preset of this file' }]);
    const { url, expiresAt } = this.links.signed(id, expiresIn, { ...(preset === undefined ? {} : { preset }), download });
    return { url, expiresAt: expiresAt.toISOString() };
  }

  async edit({ id, name, folder, visibility }: EditFile, call: Call): Promise<File> {
    await this.database.transaction(async (transaction) => {
      const file = await this.files.lockOwn(transaction, id, userOf(call).userId);
      if (file === undefined) throw notFound();
      if (visibility !== undefined) visibilityFor(file.purpose, visibility, file.mime);
      const isChange = visibility !== undefined && visibility !== file.visibility;
      if (isChange && (await this.files.isInUse(transaction, id))) throw inUse();
      this.files.edit(transaction, id, {
        ...(name === undefined ? {} : { name: nameOf(name, file.mime) }),
        ...(folder === undefined ? {} : { folder }),
        ...(visibility === undefined ? {} : { visibility }),
      });
    });
    return this.views.of(await this.own(id, call), { isOwner: true });
  }

  async remove({ id }: ById, call: Call): Promise<void> {
    const { userId } = userOf(call);
    await this.database.transaction(async (transaction) => {
      const file = await this.files.lockOwn(transaction, id, userId);
      if (file === undefined) throw notFound();
      if (await this.files.isInUse(transaction, id)) throw inUse();
      this.files.remove(transaction, id);
      this.accounts.giveBack(transaction, userId, file.size, 1);
      await this.blobs.dropUnused(transaction, [file.blob_id]);
    });
  }

  usage(): Promise<StorageUsage> {
    return this.numbers.all();
  }

  private async own(id: string, { actor }: Call): Promise<FileRow> {
    const file = await this.files.find(id);
    if (file === undefined || !isOwner(file, actor)) throw notFound();
    return file;
  }
}

const inUse = () => storageApi.refuse('storage.in_use', 'The file is in use');
