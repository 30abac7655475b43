import { Injectable } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectLogger } from '#libs/runtime/core.module';
import { Rounds } from '#libs/runtime/rounds';
import { AccountRepository } from './account.repository.ts';
import { HolderRepository } from './holder.repository.ts';
import { LeftoverRepository } from './leftover.repository.ts';
import { Pictures } from './picture/pictures.ts';
import { leftoversWaiting } from './storage.metrics.ts';
import { idIn, type ObjectStore, prefixOf } from './store/object-store.ts';
import { InjectObjectStore } from './store/store.provider.ts';
import { UploadRepository } from './upload.repository.ts';

const LEFTOVERS_MS = 1_000;
const UPLOADS_MS = 5_000;
const ORPHANS_MS = 6 * 3_600_000;
const MEASURE_MS = 10_000;
const SWEEP_MS = 600_000;
const BATCH = 50;
const LISTED = 500;
/** Younger objects may be on their way. */
const ORPHAN_AGE_MS = 3_600_000;
/** What is ours in the bucket; everything else is left alone. */
const OUR_KEY = /^(blobs|parts)\/[0-9a-f]{2}\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\//;

/** What nobody needs any more goes from the store, from the tables and from the quota. */
@Injectable()
export class Cleaner {
  constructor(
    private readonly leftovers: LeftoverRepository,
    private readonly uploads: UploadRepository,
    private readonly holders: HolderRepository,
    private readonly accounts: AccountRepository,
    @InjectObjectStore() private readonly store: ObjectStore,
    @InjectLogger() private readonly logger: Logger,
    pictures: Pictures,
    rounds: Rounds,
  ) {
    rounds.every('storage.delete_leftovers', LEFTOVERS_MS, () => this.deleteLeftovers());
    rounds.every('storage.give_up_uploads', UPLOADS_MS, () => this.giveUpUploads());
    rounds.every('storage.find_orphans', ORPHANS_MS, () => this.findOrphans(ORPHAN_AGE_MS));
    rounds.every('storage.sweep', SWEEP_MS, async () => {
      await this.holders.sweep();
      await this.accounts.sweep();
    });
    rounds.every('storage.measure', MEASURE_MS, async () => {
      leftoversWaiting.set(await this.leftovers.count());
      await pictures.measure();
    });
  }

  /** One that the store does not delete is tried again later, and holds up no other. */
  async deleteLeftovers(): Promise<void> {
    for (;;) {
      const prefixes = await this.leftovers.claim(BATCH);
      let failure: unknown;
      for (const prefix of prefixes) {
        try {
          await this.store.removeAll(prefix);
          await this.leftovers.gone(prefix);
        } catch (error) {
          failure = error;
          await this.leftovers.retryLater(prefix);
          break;
        }
      }
      if (failure !== undefined) throw failure;
      if (prefixes.length < BATCH) return;
    }
  }

  async giveUpUploads(): Promise<void> {
    const past = await this.uploads.past(BATCH);
    await this.uploads.forget(past.flatMap(({ id, file_id }) => (file_id === null ? [] : [id])));
    for (const { id, file_id } of past) if (file_id === null) await this.uploads.giveUp(id);
  }

  /** Objects without a row, such as those of a crash between store and table long ago. How many there were. */
  async findOrphans(olderThanMs: number): Promise<number> {
    let after: string | undefined;
    let found = 0;
    for (;;) {
      const objects = await this.store.list(after, LISTED);
      const old = objects.filter(({ key, storedAt }) => OUR_KEY.test(key) && Date.now() - storedAt.getTime() > olderThanMs);
      const prefixes = [...new Set(old.map(({ key }) => prefixOf(key)))];
      const orphans = prefixes.length === 0 ? [] : await this.leftovers.unknown(prefixes.map(idIn), prefixes);
      if (orphans.length > 0) {
        this.logger.warn({ count: orphans.length }, 'storage.orphans');
        await this.leftovers.abandonNow(orphans);
        found += orphans.length;
      }
      if (objects.length < LISTED) return found;
      after = objects.at(-1)?.key;
    }
  }
}
