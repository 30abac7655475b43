import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { invalid, Refusal, refuse } from '#libs/contracts/errors';
import { storageApi } from '#libs/contracts/storage/api';
import { MAX_PIXELS } from '#libs/contracts/storage/limits';
import { type FileType, PURPOSE_RULES, type Purpose, type Visibility } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import type { Transaction } from '#libs/persistence/transaction';
import { BlobRepository, type NewBlob } from './blob.repository.ts';
import { isCsvName } from './file-name.ts';
import { HEAD_BYTES, hasPdfEnd, isPlainText, isWrittenFormat, MAX_TEXT_BYTES, PDF_TAIL_BYTES, sniff } from './file-type.ts';
import { isImage } from './file-view.ts';
import { LeftoverRepository } from './leftover.repository.ts';
import type { PictureType } from './picture/picture-process.ts';
import { Pictures } from './picture/pictures.ts';
import type { Spooled } from './spool.ts';
import { intakes } from './storage.metrics.ts';
import { blobPrefix, keptKey, type ObjectStore, StoreUnavailable } from './store/object-store.ts';
import { InjectObjectStore } from './store/store.provider.ts';

/** What is kept of what was sent, on the disk still. */
export interface Prepared extends NewBlob {
  readonly path: string;
}

const MAX_TRIES = 3;

/** From bytes that somebody sent to bytes that are stored: judged, encoded afresh, in the store before any row says so. */
@Injectable()
export class Intake {
  constructor(
    private readonly database: Database,
    private readonly blobs: BlobRepository,
    private readonly leftovers: LeftoverRepository,
    private readonly pictures: Pictures,
    @InjectObjectStore() private readonly store: ObjectStore,
  ) {}

  /** @throws Refusal when the bytes are not what the purpose takes. */
  async prepare(sent: Spooled, keptPath: string, givenName: string, purpose: Purpose): Promise<Prepared> {
    if (sent.size === 0) throw storageApi.refuse('storage.empty_file', 'The file has no bytes');
    const type = await this.typeOf(sent, givenName, purpose);
    if (type === undefined || !isAllowed(type, purpose)) throw notAllowed(purpose);
    if (!isImage(type)) return { ...sent, mime: type };
    const encoded = await this.pictures.keep(sent.path, keptPath, type as PictureType);
    if (encoded.outcome === 'broken') throw broken('The picture cannot be decoded');
    if (encoded.outcome === 'too_many_pixels')
      throw storageApi.refuse('storage.too_many_pixels', 'The picture has too many pixels', { maxPixels: MAX_PIXELS });
    const { outcome: _, ...kept } = encoded;
    return { ...kept, path: keptPath, mime: type };
  }

  /** Makes the bytes lasting, and in the same transaction what `commit` makes of them. */
  async keep<T>(prepared: Prepared, commit: (transaction: Transaction, blobId: string) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const done = await this.attempt(prepared, commit);
      if (done !== undefined) return done.result;
      // The bytes that were known went, or somebody else stored the same at this moment.
      if (tries === MAX_TRIES) throw refuse('unavailable', 'The same file is being changed; try again');
    }
  }

  private async attempt<T>(
    prepared: Prepared,
    commit: (transaction: Transaction, blobId: string) => Promise<T>,
  ): Promise<{ readonly result: T } | undefined> {
    const known = await this.blobs.withHash(prepared.hash);
    if (known !== undefined) {
      // A store that has lost them gets them again.
      if (!(await this.store.has(keptKey(known), prepared))) await this.store.put(keptKey(known), prepared.path, prepared);
      return this.database.transaction(async (transaction) => {
        if ((await this.blobs.hold(transaction, prepared.hash)) !== known) return undefined;
        intakes.inc({ outcome: 'known' });
        return { result: await commit(transaction, known) };
      });
    }
    const id = randomUUID();
    const prefix = blobPrefix(id);
    await this.leftovers.beginWriting(prefix);
    try {
      await this.store.put(keptKey(id), prepared.path, prepared);
      const done = await this.database.transaction(async (transaction) => {
        if (!(await this.leftovers.adopt(transaction, prefix))) throw refuse('unavailable', 'Storing the file took too long');
        if (!(await this.blobs.add(transaction, id, prepared))) return undefined;
        return { result: await commit(transaction, id) };
      });
      if (done === undefined) await this.leftovers.abandonNow([prefix]);
      else intakes.inc({ outcome: 'stored' });
      return done;
    } catch (error) {
      // What did not commit goes at once; if this is not said, it goes a little later.
      if (error instanceof Refusal || error instanceof StoreUnavailable) await this.leftovers.abandonNow([prefix]).catch(() => undefined);
      throw error;
    }
  }

  private async typeOf({ path, size }: Spooled, givenName: string, purpose: Purpose): Promise<FileType | undefined> {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const head = buffer.subarray(0, bytesRead);
      const sniffed = sniff(head);
      if (sniffed === 'other') return undefined;
      if (sniffed === 'application/pdf') {
        const start = Math.max(0, size - PDF_TAIL_BYTES);
        const tail = await file.read(Buffer.alloc(PDF_TAIL_BYTES), 0, PDF_TAIL_BYTES, start);
        if (!hasPdfEnd(tail.buffer.subarray(0, tail.bytesRead))) throw broken('The document has no end');
        return sniffed;
      }
      if (sniffed !== 'text') return sniffed;
      // What is refused at any length is not refused for its length.
      if (!isAllowed('text/plain', purpose) || isWrittenFormat(head.toString())) return undefined;
    } finally {
      await file.close();
    }
    if (size > MAX_TEXT_BYTES) throw refuse('payload_too_large', `Text may have ${MAX_TEXT_BYTES} bytes`);
    if (!isPlainText(await readFile(path))) return undefined;
    return isCsvName(givenName) ? 'text/csv' : 'text/plain';
  }
}

const broken = (detail: string): Refusal => storageApi.refuse('storage.broken_file', detail);

export const isAllowed = (type: string, purpose: Purpose): boolean => PURPOSE_RULES[purpose].types.some((allowed) => allowed === type);

export const notAllowed = (purpose: Purpose): Refusal =>
  storageApi.refuse('storage.type_not_allowed', 'Files of this type are not stored', { allowed: PURPOSE_RULES[purpose].types });

/** The purpose's first, unless another of its own is asked for. Documents are private. */
export function visibilityFor(purpose: Purpose, asked: Visibility | undefined, type?: FileType): Visibility {
  const { visibilities } = PURPOSE_RULES[purpose];
  if (asked === undefined) return visibilities[0];
  if (!visibilities.some((allowed) => allowed === asked))
    throw invalid([{ path: 'visibility', message: `cannot be ${asked} for files of this purpose`, allowed: visibilities }]);
  if (asked === 'public' && type !== undefined && !isImage(type))
    throw invalid([{ path: 'visibility', message: 'cannot be public: only pictures are' }]);
  return asked;
}

export function mayUse(purpose: Purpose, isAdmin: boolean): void {
  if (purpose === 'product' && !isAdmin) throw refuse('forbidden', 'Only admins store pictures of products');
}
