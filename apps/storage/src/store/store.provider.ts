import { Inject, Injectable, type Provider } from '@nestjs/common';
import { Readiness } from '#libs/runtime/probes';
import { Rounds } from '#libs/runtime/rounds';
import { type StorageEnv, storageEnv } from '../storage.env.ts';
import { storeIsUp } from '../storage.metrics.ts';
import { DiskStore } from './disk-store.ts';
import type { ObjectStore } from './object-store.ts';

export const OBJECT_STORE = Symbol('object store');
export const InjectObjectStore = (): ParameterDecorator => Inject(OBJECT_STORE);

/** The SDK of S3 is large, and loaded only where a bucket is named. */
export const objectStoreProvider: Provider = {
  provide: OBJECT_STORE,
  inject: [storageEnv as never],
  useFactory: async (env: StorageEnv): Promise<ObjectStore> => {
    if (env.S3_BUCKET === undefined) return new DiskStore(env.STORAGE_DIR);
    const { S3Store } = await import('./s3-store.ts');
    return new S3Store({
      ...{ bucket: env.S3_BUCKET, endpoint: env.S3_ENDPOINT, region: env.S3_REGION },
      ...{ accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
    });
  },
};

const CHECK_MS = 3_000;
/** One lost answer is no outage. */
const FAILURES = 2;

/** A replica whose store is away is not ready: the system's status says so, and the gateway sends no bytes there. */
@Injectable()
export class StoreHealth {
  private failures = 0;

  constructor(@InjectObjectStore() store: ObjectStore, readiness: Readiness, rounds: Rounds) {
    readiness.require({ name: 'files', isUp: () => this.failures < FAILURES });
    rounds.every('storage.check_store', { everyMs: CHECK_MS, atOnce: true }, async () => {
      try {
        await store.check();
        this.failures = 0;
      } catch (error) {
        this.failures += 1;
        throw error;
      } finally {
        storeIsUp.set(this.failures < FAILURES ? 1 : 0);
      }
    });
  }
}
