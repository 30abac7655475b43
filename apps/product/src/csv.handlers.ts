import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, transferOf, userOf } from '#libs/contracts/call';
import type { ByteAnswer } from '#libs/contracts/contract';
import { invalid, notFound, Refusal, refuse } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { type ImportOptions, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS } from '#libs/contracts/product/imports';
import type { ImportProgress, ImportRef } from '#libs/contracts/product/staff-views';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import { CatalogueExport } from './catalogue-export.ts';
import { type CsvLine, CsvReader } from './csv.ts';
import { ImportRepository } from './import.repository.ts';
import { columnsOf } from './import-row.ts';
import { ImportWorker } from './import-worker.ts';

/** Rows a statement, and fewer where they are long. */
const BATCH = 500;
const BATCH_CHARACTERS = 500_000;

/** Catalogues that come and go as CSV. A file is read as it comes: never more than a few hundred rows of it are in memory. */
@Injectable()
export class CsvHandlers {
  constructor(
    private readonly database: Database,
    private readonly jobs: ImportRepository,
    private readonly worker: ImportWorker,
    private readonly catalogue: CatalogueExport,
  ) {}

  async importCatalogue({ dryRun }: ImportOptions, call: Call): Promise<ImportRef> {
    const { body, noteRepeat } = transferOf(call);
    const id = uuidv7();
    try {
      const { rows, hash } = await this.receive(id, body, dryRun, userOf(call).userId);
      // What a repeat is compared by is known only now.
      const keyed =
        call.idempotency === undefined ? call : { ...call, idempotency: { ...call.idempotency, bodyHash: `${hash} ${dryRun}` } };
      const made = await this.database.transaction((tx) =>
        onceFor(tx, keyed, id, {
          make: async () => {
            await this.jobs.complete(tx, id, rows);
            return id;
          },
          read: async (earlier) => earlier,
        }),
      );
      if (made !== id) {
        noteRepeat();
        await this.jobs.remove(id);
      }
      this.worker.wake();
      return { id: made };
    } catch (error) {
      await this.jobs.remove(id).catch(() => undefined);
      throw error;
    }
  }

  async importProgress({ id }: ById): Promise<ImportProgress> {
    const progress = await this.jobs.progress(id);
    if (progress === undefined) throw notFound();
    return progress;
  }

  async exportCatalogue(): Promise<ByteAnswer> {
    const body = Readable.from(this.catalogue.lines());
    return { body, mime: 'text/csv; charset=utf-8', maxAge: 0, fileName: 'catalogue.csv', disposition: 'attachment' };
  }

  private async receive(
    id: string,
    body: Readable,
    dryRun: boolean,
    userId: string,
  ): Promise<{ readonly rows: number; readonly hash: string }> {
    const digest = createHash('sha256');
    let columns: ReturnType<typeof columnsOf> | undefined;
    let rows = 0;
    let batch: CsvLine[] = [];
    let size = 0;
    const store = async (): Promise<void> => {
      if (batch.length > 0) await this.jobs.addRows(id, rows - batch.length + 1, batch);
      batch = [];
      size = 0;
    };
    for await (const line of linesOf(body, digest)) {
      if (columns === undefined) {
        columns = columnsOf(line.cells);
        await this.jobs.begin({ id, dryRun, userId, columns });
        continue;
      }
      rows += 1;
      if (rows > MAX_IMPORT_ROWS) throw refuse('payload_too_large', `A file may have ${MAX_IMPORT_ROWS} rows`);
      batch.push(line);
      size += line.cells.reduce((sum, cell) => sum + cell.length, 0);
      if (batch.length >= BATCH || size >= BATCH_CHARACTERS) await store();
    }
    if (columns === undefined) throw invalid([{ path: '', message: 'must have a head that names the columns' }]);
    await store();
    return { rows, hash: digest.digest('base64url') };
  }
}

async function* linesOf(body: Readable, digest: ReturnType<typeof createHash>): AsyncGenerator<CsvLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new CsvReader();
  let size = 0;
  for await (const chunk of bytesOf(body)) {
    size += chunk.length;
    if (size > MAX_IMPORT_BYTES) throw refuse('payload_too_large', `A file may have ${MAX_IMPORT_BYTES} bytes`);
    digest.update(chunk);
    yield* reader.take(textOf(() => decoder.decode(chunk, { stream: true })));
  }
  yield* reader.take(textOf(() => decoder.decode()));
  yield* reader.end();
}

async function* bytesOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body as AsyncIterable<Buffer>;
  } catch (error) {
    throw error instanceof Refusal ? error : refuse('malformed', 'The body broke off');
  }
}

function textOf(decode: () => string): string {
  let text: string;
  try {
    text = decode();
  } catch {
    throw refuse('malformed', 'The file must be UTF-8');
  }
  if (text.includes('\0')) throw refuse('malformed', 'The file has a NUL in it');
  return text;
}
