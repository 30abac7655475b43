import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
import type { Call, FormPart, Role, Transfer } from '#libs/contracts/call';
import type { ByteAnswer, ByteSource } from '#libs/contracts/contract';
import type { File } from '#libs/contracts/storage/views';
import { Database } from '#libs/persistence/database';
import { aCall, aUser, withKey } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/storage.migrations.ts';
import { BytesHandlers } from '../src/bytes.handlers.ts';
import { Cleaner } from '../src/cleaner.ts';
import { FileHandlers } from '../src/file.handlers.ts';
import { HeldHandlers } from '../src/held.handlers.ts';
import { storageEnv } from '../src/storage.env.ts';
import { StorageModule } from '../src/storage.module.ts';
import type { ObjectStore } from '../src/store/object-store.ts';
import { OBJECT_STORE } from '../src/store/store.provider.ts';
import { UploadHandlers } from '../src/upload.handlers.ts';

export const linkKey = (id: string): string => `${id}:${randomBytes(32).toString('base64url')}`;

/** Replicas of the storage service on a database and a store of the suite's own. */
export class StorageFixture {
  private constructor(
    private readonly scratch: ScratchDatabase,
    private readonly folder: string,
    readonly replicas: readonly NestFastifyApplication[],
  ) {}

  /** `values`: variables that differ from those of a local disk. */
  static async open(values: Readonly<Record<string, string>> = {}, count = 1): Promise<StorageFixture> {
    const scratch = await scratchDatabase(migrations);
    const folder = mkdtempSync(join(tmpdir(), 'only2u-storage-'));
    const replicas: NestFastifyApplication[] = [];
    for (let replica = 0; replica < count; replica += 1) {
      replicas.push(
        await startTestService({
          ...{ service: 'storage', module: StorageModule, databaseUrl: scratch.url, redisUrl: process.env.TEST_REDIS_URL ?? '' },
          environment: { declared: storageEnv, values: { STORAGE_LINK_KEYS: LINK_KEYS, STORAGE_DIR: folder, ...values } },
        }),
      );
    }
    return new StorageFixture(scratch, folder, replicas);
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((one) => one.close()));
    await this.scratch.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get directory(): string {
    return this.folder;
  }

  get<T>(type: new (...parameters: never[]) => T, replica = 0): T {
    return (this.replicas[replica] as NestFastifyApplication).get<T>(type as never);
  }

  get bytes(): BytesHandlers {
    return this.get(BytesHandlers);
  }
  get files(): FileHandlers {
    return this.get(FileHandlers);
  }
  get uploads(): UploadHandlers {
    return this.get(UploadHandlers);
  }
  get held(): HeldHandlers {
    return this.get(HeldHandlers);
  }
  get cleaner(): Cleaner {
    return this.get(Cleaner);
  }
  get database(): Database {
    return this.get(Database);
  }
  get store(): ObjectStore {
    return (this.replicas[0] as NestFastifyApplication).get<ObjectStore>(OBJECT_STORE);
  }

  upload(content: Buffer, options: Sent = {}): Promise<File> {
    const { name = 'photo.jpg', by = callBy(), on = 0, ...fields } = options;
    return this.get(BytesHandlers, on).upload({}, { ...by, transfer: formOf(content, name, fields) });
  }

  /** What `content` would send: the answer and its bytes. */
  async read(
    id: string,
    by: Call,
    query: Readonly<Record<string, string>> = {},
    accept?: string,
    on = 0,
  ): Promise<ByteAnswer & { bytes: Buffer }> {
    const answer = await this.answerTo(id, by, query, accept, on);
    return { ...answer, bytes: await buffer(await (answer.body as ByteSource).open()) };
  }

  /** The same before its bytes are asked of the store. */
  answerTo(id: string, by: Call, query: Readonly<Record<string, string>> = {}, accept?: string, on = 0): Promise<ByteAnswer> {
    return this.get(BytesHandlers, on).content({ id, ...query }, { ...by, transfer: { ...noBody, accept } });
  }

  /** Keys of all objects that are stored. */
  async stored(): Promise<string[]> {
    return (await this.store.list(undefined, 1_000)).map(({ key }) => key);
  }

  async usageOf(by: Call) {
    const { userId } = by.actor as { userId: string };
    return (await this.files.list({ userId, limit: 1 }, by)).usage;
  }
}

const LINK_KEYS = linkKey('first');

interface Sent {
  readonly name?: string;
  readonly by?: Call;
  readonly on?: number;
  readonly purpose?: string;
  readonly visibility?: string;
  readonly folder?: string;
}

const noBody: Transfer = {
  ...{ accept: undefined, contentType: undefined, length: undefined, query: {}, body: Readable.from([]) },
  parts: async function* () {},
  noteRepeat: () => undefined,
};

export function formOf(content: Buffer, fileName: string, fields: Readonly<Record<string, string>>, pieces = 7): Transfer {
  const size = Math.max(1, Math.ceil(content.length / pieces));
  const chunks = Array.from({ length: Math.ceil(content.length / size) }, (_, index) => content.subarray(index * size, (index + 1) * size));
  return {
    ...noBody,
    parts: async function* (): AsyncGenerator<FormPart> {
      yield { kind: 'file', name: 'file', fileName, body: Readable.from(chunks) };
      for (const [name, value] of Object.entries(fields)) yield { kind: 'field', name, value, isCut: false };
    },
  };
}

export const partOf = (url: string, content: Buffer, contentType: string): { id: string; number: string; transfer: Transfer } => {
  const { pathname, searchParams } = new URL(url);
  const [, id = '', number = ''] = /uploads\/([^/]+)\/parts\/(\d+)$/.exec(pathname) ?? [];
  const transfer = {
    ...noBody,
    contentType,
    length: content.length,
    query: Object.fromEntries(searchParams),
    body: Readable.from([content]),
  };
  return { id, number, transfer };
};

export const callBy = (userId: string = uuidv7(), role: Role = 'customer', key?: string): Call =>
  withKey(aCall({ actor: aUser(userId, role), deadline: Date.now() + 60_000 }), key);
export const anonymous = (): Call => aCall();
export const serviceCall = (name: string): Call => aCall({ actor: { kind: 'service', name } });
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A picture that compresses like a photo; another seed, other bytes. */
export async function photo(width = 400, height = 300, seed = Math.random()): Promise<Buffer> {
  const shade = Math.floor(seed * 200);
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: { r: shade, g: 90, b: 200 - shade },
      noise: { type: 'gaussian', mean: 120, sigma: 20 },
    },
  })
    .jpeg()
    .toBuffer();
}
