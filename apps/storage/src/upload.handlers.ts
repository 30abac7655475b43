import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, Refusal, refuse } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { type Presign, storageApi } from '#libs/contracts/storage/api';
import { type File, type FileType, PURPOSE_RULES, type Upload } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { AccountRepository } from './account.repository.ts';
import { FileRepository } from './file.repository.ts';
import { nameOf } from './file-name.ts';
import { MAX_TEXT_BYTES } from './file-type.ts';
import { FileViews } from './file-view.ts';
import { Intake, isAllowed, mayUse, notAllowed, visibilityFor } from './intake.ts';
import { Spool } from './spool.ts';
import { type StorageEnv, storageEnv } from './storage.env.ts';
import { idIn, type ObjectStore, partKey, StoreUnavailable } from './store/object-store.ts';
import { InjectObjectStore } from './store/store.provider.ts';
import { inTime, verified } from './store/verified.ts';
import { answering } from './unavailable.ts';
import { type PartRow, UploadRepository, type UploadRow } from './upload.repository.ts';
import { partSizes, UploadParts } from './upload-parts.ts';

/** Refusals of the bytes, after which there is nothing to send again. */
const FINAL: ReadonlySet<string> = new Set([
  ...['storage.type_not_allowed', 'storage.empty_file', 'storage.broken_file', 'storage.too_many_pixels', 'payload_too_large'],
  'validation_failed',
]);

/** Uploads in parts: begun, looked at again, completed. */
@Injectable()
export class UploadHandlers {
  constructor(
    private readonly database: Database,
    private readonly uploads: UploadRepository,
    private readonly files: FileRepository,
    private readonly accounts: AccountRepository,
    private readonly intake: Intake,
    private readonly views: FileViews,
    private readonly parts: UploadParts,
    private readonly spool: Spool,
    @InjectObjectStore() private readonly store: ObjectStore,
    @InjectEnvironment(storageEnv) private readonly env: StorageEnv,
  ) {}

  async presign({ name, mime, size, purpose, visibility, folder = null, hash }: Presign, call: Call): Promise<Upload> {
    const { userId, roles } = userOf(call);
    const isAdmin = roles.includes('admin');
    mayUse(purpose, isAdmin);
    if (size === 0) throw storageApi.refuse('storage.empty_file', 'The file has no bytes');
    if (!isAllowed(mime, purpose)) throw notAllowed(purpose);
    visibilityFor(purpose, visibility, mime as FileType);
    if (size > PURPOSE_RULES[purpose].presignBytes || (mime.startsWith('text/') && size > MAX_TEXT_BYTES))
      throw refuse('payload_too_large');
    const id = uuidv7();
    const made = await this.database.transaction((transaction) =>
      onceFor(transaction, call, id, {
        make: async () => {
          await this.accounts.charge(transaction, { userId, isAdmin }, size);
          const upload = { id, userId, isAdmin, name, mime, size, purpose, visibility, folder, hash };
          this.uploads.add(transaction, upload, this.env.STORAGE_UPLOAD_TTL_SECONDS);
          return id;
        },
        read: async (earlier) => earlier,
      }),
    );
    const row = await this.uploads.find(made);
    if (row === undefined) throw notFound();
    return this.parts.viewOf(row);
  }

  async uploadOf({ id }: ById, call: Call): Promise<Upload> {
    const row = await this.uploads.findOpen(id);
    if (row === undefined || row.user_id !== userOf(call).userId) throw notFound();
    return this.parts.viewOf(row);
  }

  complete({ id }: ById, call: Call): Promise<File> {
    return answering(async () => {
      const upload = await this.uploads.find(id);
      if (upload === undefined || upload.user_id !== userOf(call).userId) throw notFound();
      const fileId = upload.file_id ?? (await this.completed(upload));
      const row = await this.files.find(fileId);
      if (row === undefined) throw notFound();
      return this.views.of(row, { isOwner: true });
    });
  }

  /** The file's id. */
  private async completed(upload: UploadRow): Promise<string> {
    if (!(await this.uploads.beginCompleting(upload.id))) {
      const { file_id: made } = (await this.uploads.find(upload.id)) ?? {};
      if (typeof made === 'string') return made;
      throw storageApi.refuse('storage.upload_running', 'The upload is being completed');
    }
    try {
      return await this.fileOf(upload);
    } catch (error) {
      if (error instanceof Refusal && FINAL.has(error.code)) await this.uploads.giveUp(upload.id);
      else await this.uploads.endCompleting(upload.id).catch(() => undefined);
      throw error;
    }
  }

  private async fileOf(upload: UploadRow): Promise<string> {
    const parts = await this.uploads.parts(upload.id);
    const came = new Set(parts.map(({ number }) => number));
    const missing = partSizes(upload.size).flatMap((_size, index) => (came.has(index + 1) ? [] : [index + 1]));
    if (missing.length > 0) throw storageApi.refuse('storage.upload_incomplete', 'Parts have not come', { missing });
    const { id, user_id: userId, is_admin: isAdmin, name: given, purpose, folder, size } = upload;
    return this.spool.within(async (place) => {
      const sent = await this.spool.write(this.bytesOf(parts), place.path('sent'), size);
      if (sent.size !== size || (upload.hash !== null && upload.hash !== sent.hash))
        throw storageApi.refuse('storage.upload_mismatch', 'These are not the bytes that were announced');
      const prepared = await this.intake.prepare(sent, place.path('kept'), given, purpose);
      const visibility = visibilityFor(purpose, upload.visibility ?? undefined, prepared.mime);
      const fileId = uuidv7();
      return this.intake.keep(prepared, async (transaction, blobId) => {
        if (!(await this.uploads.completed(transaction, id, fileId))) throw notFound();
        await this.accounts.adjust(transaction, { userId, isAdmin }, size, prepared.size);
        this.files.add(transaction, { id: fileId, userId, name: nameOf(given, prepared.mime), folder, purpose, visibility }, blobId);
        return fileId;
      });
    });
  }

  private async *bytesOf(parts: readonly PartRow[]) {
    for (const { key, size, hash } of parts) {
      const bytes = await this.store.read(partKey(idIn(key)), { size, hash });
      if (bytes === undefined) throw new StoreUnavailable('the bytes of a part are not there');
      yield verified(inTime(bytes), hash);
    }
  }
}
