import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { notFound, refuse } from '#libs/contracts/errors';
import type { Preset } from '#libs/contracts/storage/views';
import { BlobRepository, type Lease } from '../blob.repository.ts';
import type { FileRow } from '../file.repository.ts';
import { Spool } from '../spool.ts';
import { type Fingerprint, keptKey, type ObjectStore, renditionKey, StoreUnavailable } from '../store/object-store.ts';
import { InjectObjectStore } from '../store/store.provider.ts';
import { inTime, verified } from '../store/verified.ts';
import { Pictures } from './pictures.ts';
import type { RenditionFormat } from './presets.ts';

/** Pauses of those who wait for somebody else's work. */
const LOOK_MS = 50;
const LONGEST_LOOK_MS = 25_000;

/** Presets of pictures in a format each, made when the first asks, once however many do. */
@Injectable()
export class Renditions {
  /** Of this process; other replicas are kept off by the row's lease. */
  private readonly running = new Map<string, Promise<Fingerprint>>();

  constructor(
    private readonly blobs: BlobRepository,
    private readonly pictures: Pictures,
    private readonly spool: Spool,
    @InjectObjectStore() private readonly store: ObjectStore,
  ) {}

  /** Makes it where it is not there yet. */
  async of(file: FileRow, preset: Preset, format: RenditionFormat): Promise<{ readonly key: string } & Fingerprint> {
    const key = renditionKey(file.blob_id, preset, format);
    let running = this.running.get(key);
    if (running === undefined) {
      running = this.made(file, preset, format, key).finally(() => this.running.delete(key));
      this.running.set(key, running);
    }
    return { key, ...(await running) };
  }

  /** A store that has lost it has it made again. */
  async lost({ blob_id }: FileRow, preset: Preset, format: RenditionFormat, { hash }: Fingerprint): Promise<void> {
    await this.blobs.forgetRendition(blob_id, preset, format, hash);
  }

  private async made(file: FileRow, preset: Preset, format: RenditionFormat, key: string): Promise<Fingerprint> {
    const end = performance.now() + LONGEST_LOOK_MS;
    for (;;) {
      const found = await this.blobs.rendition(file.blob_id, preset, format);
      if (found !== 'others') return 'lease' in found ? this.make(file, preset, format, key, found) : found;
      if ((await this.blobs.withHash(file.hash)) === undefined) throw notFound();
      if (performance.now() > end) throw refuse('unavailable', 'The picture is being made; try again');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private async make(file: FileRow, preset: Preset, format: RenditionFormat, key: string, lease: Lease): Promise<Fingerprint> {
    try {
      return await this.spool.within(async (place) => {
        const kept = await this.store.read(keptKey(file.blob_id), file);
        if (kept === undefined) throw new StoreUnavailable('the bytes of the picture are not there');
        await pipeline(verified(inTime(kept), file.hash), createWriteStream(place.path('kept')));
        const made = await this.pictures.render(place.path('kept'), place.path('made'), preset, format);
        await this.store.put(key, place.path('made'), made);
        if (!(await this.blobs.rendered(file.blob_id, preset, format, made))) {
          // The picture was deleted meanwhile, perhaps before this object was there.
          await this.blobs.abandonGone(file.blob_id);
          throw notFound();
        }
        return made;
      });
    } catch (error) {
      await this.blobs.notRendered(file.blob_id, preset, format, lease).catch(() => undefined);
      throw error;
    }
  }
}
