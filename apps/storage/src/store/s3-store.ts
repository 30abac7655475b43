import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { ByteRange } from '#libs/contracts/contract';
import { storeRequests } from '../storage.metrics.ts';
import { type Fingerprint, type ObjectStore, type StoredObject, StoreUnavailable } from './object-store.ts';

export interface S3Place {
  readonly bucket: string;
  /** Of a server that is not AWS. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
}

/** Without an answer for so long, S3 counts as away; several requests of one upload still end within its time. */
const SILENCE_MS = 3_000;
const CONNECT_MS = 1_500;
const nothing = (): void => undefined;

/** A bucket of S3, or of a server that speaks like it. Nothing in it is public: clients get bytes from us alone. */
export class S3Store implements ObjectStore {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly isOurs: boolean;

  constructor({ bucket, endpoint, region, accessKeyId, secretAccessKey }: S3Place) {
    const credentials: Pick<S3ClientConfig, 'credentials'> =
      accessKeyId === undefined || secretAccessKey === undefined ? {} : { credentials: { accessKeyId, secretAccessKey } };
    this.bucket = bucket;
    this.isOurs = endpoint !== undefined;
    this.client = new S3Client({
      ...{ region, ...credentials, maxAttempts: 2 },
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      // Whole objects have their SHA-256; the checksums in trailers that the SDK adds by itself are not what every server reads.
      ...{ requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' },
      // The SDK writes to the console otherwise; what fails is thrown, counted and logged here.
      logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      requestHandler: { connectionTimeout: CONNECT_MS },
    });
  }

  /** Asks afterwards whether it is there, and not only whether the server says thank you. */
  async put(key: string, path: string, fingerprint: Fingerprint): Promise<void> {
    const { size, hash } = fingerprint;
    await this.attempt('put', (signal, stillMoving) => {
      const body = createReadStream(path).on('data', stillMoving);
      const command = new PutObjectCommand({
        ...{ Bucket: this.bucket, Key: key, Body: body, ContentLength: size },
        ...{ ChecksumSHA256: Buffer.from(hash, 'hex').toString('base64'), ContentType: 'application/octet-stream' },
      });
      return this.client.send(command, { abortSignal: signal }).finally(() => body.destroy());
    });
    if (!(await this.has(key, fingerprint))) throw new StoreUnavailable('S3 has not what it took');
  }

  async read(key: string, { size }: Fingerprint, range?: ByteRange): Promise<Readable | undefined> {
    const found = await this.attempt('read', (signal) => {
      const part = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
      return missing(this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, ...part }), { abortSignal: signal }));
    });
    if (found === undefined) return undefined;
    const body = found.Body as Readable;
    const length = range === undefined ? size : range.end - range.start + 1;
    if (found.ContentLength === length && (range === undefined || found.ContentRange !== undefined)) return body;
    body.destroy();
    throw new StoreUnavailable('S3 answers other bytes than were asked for');
  }

  async has(key: string, { size }: Fingerprint): Promise<boolean> {
    const found = await this.attempt('has', (signal) =>
      missing(this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal: signal })),
    );
    return found?.ContentLength === size;
  }

  async removeAll(prefix: string): Promise<void> {
    const found = await this.attempt('list', (signal) =>
      this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }), { abortSignal: signal }),
    );
    for (const { Key } of found.Contents ?? []) {
      await this.attempt('remove', (signal) =>
        this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key }), { abortSignal: signal }),
      );
    }
  }

  async list(after: string | undefined, limit: number): Promise<StoredObject[]> {
    const found = await this.attempt('list', (signal) => {
      const start = after === undefined ? {} : { StartAfter: after };
      return this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, MaxKeys: limit, ...start }), { abortSignal: signal });
    });
    return (found.Contents ?? []).flatMap(({ Key, LastModified }) =>
      Key === undefined || LastModified === undefined ? [] : [{ key: Key, storedAt: LastModified }],
    );
  }

  /** Makes the bucket where the server is our own and has none yet. */
  async check(): Promise<void> {
    const found = await this.attempt('check', (signal) =>
      missing(this.client.send(new HeadBucketCommand({ Bucket: this.bucket }), { abortSignal: signal })),
    );
    if (found !== undefined) return;
    if (!this.isOurs) throw new StoreUnavailable('the bucket does not exist');
    await this.attempt('check', (signal) => this.client.send(new CreateBucketCommand({ Bucket: this.bucket }), { abortSignal: signal }));
  }

  close(): void {
    this.client.destroy();
  }

  /** Ends a request when nothing has moved for a while; how long a large object may take depends on its size. */
  private async attempt<T>(request: string, work: (signal: AbortSignal, stillMoving: () => void) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), SILENCE_MS);
    const ended = storeRequests.startTimer({ request });
    try {
      const answer = await work(controller.signal, () => timer.refresh());
      ended({ outcome: 'ok' });
      return answer;
    } catch (error) {
      ended({ outcome: 'failed' });
      throw new StoreUnavailable(`S3 does not ${request}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Undefined for an object, or a bucket asked about, that is not there. A bucket that is missing is a fault, and no missing object. */
async function missing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 404 && name !== 'NoSuchBucket') return undefined;
    throw error;
  }
}
