import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Transfer } from '#libs/contracts/call';
import { notFound } from '#libs/contracts/errors';
import { ONE_PART_BYTES, PART_BYTES, storageApi } from '#libs/contracts/storage/api';
import type { Upload } from '#libs/contracts/storage/views';
import { LeftoverRepository } from './leftover.repository.ts';
import { Links } from './links.ts';
import { Spool } from './spool.ts';
import { idIn, type ObjectStore, partKey, partPrefix } from './store/object-store.ts';
import { InjectObjectStore } from './store/store.provider.ts';
import { UploadRepository, type UploadRow } from './upload.repository.ts';

const LINK_MS = 3_600_000;

/** How many bytes each part of an upload has. */
export function partSizes(size: number): number[] {
  if (size <= ONE_PART_BYTES) return [size];
  return Array.from({ length: Math.ceil(size / PART_BYTES) }, (_, index) => Math.min(PART_BYTES, size - index * PART_BYTES));
}

/** Parts of uploads, each under a link that says how long it is and of what type. */
@Injectable()
export class UploadParts {
  constructor(
    private readonly uploads: UploadRepository,
    private readonly leftovers: LeftoverRepository,
    private readonly links: Links,
    private readonly spool: Spool,
    @InjectObjectStore() private readonly store: ObjectStore,
  ) {}

  /** The upload with fresh links. */
  async viewOf({ id, size, mime, expires_at: end }: UploadRow): Promise<Upload> {
    const received = new Set((await this.uploads.parts(id)).map(({ number }) => number));
    const linksEnd = new Date(Math.min(Date.now() + LINK_MS, end.getTime()));
    const parts = partSizes(size).map((partSize, index) => {
      const number = index + 1;
      const url = this.links.part({ id, number, size: partSize, mime }, linksEnd);
      return { number, method: 'PUT' as const, url, headers: { 'content-type': mime }, size: partSize, received: received.has(number) };
    });
    return { id, expiresAt: end.toISOString(), parts };
  }

  /** Keeps the bytes of a part, when they are exactly what its link is for. */
  async take(id: string, number: string, { contentType = '', length, query, body }: Transfer): Promise<void> {
    const upload = await this.uploads.find(id);
    // An upload that is past says no more than a link that is altered.
    const size = upload === undefined || !/^[1-9]\d{0,2}$/.test(number) ? undefined : partSizes(upload.size)[Number(number) - 1];
    if (upload === undefined || size === undefined) throw linkInvalid();
    const claim = { id, number: Number(number), size, mime: upload.mime };
    if (!this.links.opensPart(claim, query) || length !== size || contentType !== upload.mime) throw linkInvalid();
    if (upload.file_id !== null) throw notFound();
    const prefix = partPrefix(randomUUID());
    await this.spool.within(async (place) => {
      const sent = await this.spool.write(body, place.path('part'), size);
      if (sent.size !== size) throw linkInvalid();
      await this.leftovers.beginWriting(prefix);
      await this.store.put(partKey(idIn(prefix)), sent.path, sent);
      const part = { number: claim.number, key: prefix, size: sent.size, hash: sent.hash };
      if (await this.uploads.putPart(id, part)) return;
      await this.leftovers.abandonNow([prefix]);
      throw notFound();
    });
  }
}

const linkInvalid = () => storageApi.refuse('storage.link_invalid', 'This link is not good');
