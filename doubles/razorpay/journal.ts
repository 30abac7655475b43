import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** A line of the ledger file: what it is about, and the whole of it. Of two lines with one key the later counts; null ends the key. */
export interface JournalLine {
  readonly key: string;
  readonly value: unknown;
}

/** Rewriting the file pays off above this many outdated lines. */
const tolerated = 1000;

/**
 * An append-only file of JSON lines. Lines are written behind, a few ms after `append`, in order; a kill may lose the last of them and leave a
 * torn one, which reading skips. One process at a time may use the file.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #failed: (error: unknown) => void;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(file: FileHandle, failed: (error: unknown) => void) {
    this.#file = file;
    this.#failed = failed;
  }

  /** Reads what is there, in the order in which keys first appeared, and opens the file to append. `failed` is told of writes that fail. */
  static async open(path: string, failed: (error: unknown) => void): Promise<{ journal: Journal; lines: Map<string, unknown> }> {
    await mkdir(dirname(path), { recursive: true });
    const { lines, count, isTorn } = await read(path);
    if (isTorn || count > lines.size * 2 + tolerated) await rewrite(path, lines);
    return { journal: new Journal(await open(path, 'a'), failed), lines };
  }

  append({ key, value }: JournalLine): void {
    if (this.#closed) return;
    this.#waiting.push(JSON.stringify([key, value]));
    this.#writing ??= this.#write();
  }

  /** Empties the file. */
  async clear(): Promise<void> {
    this.#waiting = [];
    await this.flush();
    await this.#file.truncate(0);
  }

  /** Resolves when everything appended so far is with the operating system. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#file.close();
  }

  async #write(): Promise<void> {
    // One write for all that a request, or several at once, have changed.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(`${lines.join('\n')}\n`);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#writing = undefined;
  }
}

async function read(path: string): Promise<{ lines: Map<string, unknown>; count: number; isTorn: boolean }> {
  const lines = new Map<string, unknown>();
  let count = 0;
  let isTorn = false;
  if (!existsSync(path)) return { lines, count, isTorn };
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line === '') continue;
    count += 1;
    try {
      const entry: unknown = JSON.parse(line);
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') continue;
      if (entry[1] === null) lines.delete(entry[0]);
      else lines.set(entry[0], entry[1]);
    } catch {
      isTorn = true;
    }
  }
  return { lines, count, isTorn };
}

async function rewrite(path: string, lines: ReadonlyMap<string, unknown>): Promise<void> {
  const fresh = `${path}.new`;
  const text = [...lines].map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeFile(fresh, text);
  await rename(fresh, path);
}
