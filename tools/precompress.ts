import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Smaller files fit into a packet anyway. */
const SMALLEST_BYTES = 1_024;
const PICTURE_QUALITY = 6;
/** Files that are in memory together. */
const AT_ONCE = 32;
const PROGRESS_MS = 3_000;

/** Writes `x.br` and `x.gz` beside each text file, once at the build, so that the gateway only has to send them. */
export async function precompress(folder: string, say: (sentence: string) => void = () => undefined): Promise<void> {
  const found = globSync('**/*.{html,js,css,svg}', { cwd: folder });
  const paths = found.entries();
  let spokeAt = Date.now();
  const work = async (): Promise<void> => {
    for (const [index, path] of paths) {
      await compress(join(folder, path));
      if (Date.now() - spokeAt < PROGRESS_MS) continue;
      spokeAt = Date.now();
      say(`${index + 1} of ${found.length} files compressed`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < SMALLEST_BYTES) return;
  // A thousand pictures at the highest quality would keep a first start waiting for a few bytes each.
  const quality = path.endsWith('.svg') ? PICTURE_QUALITY : constants.BROTLI_MAX_QUALITY;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(`${path}.br`, await brotli(bytes, { params }));
  await writeFile(`${path}.gz`, await zip(bytes, { level: constants.Z_BEST_COMPRESSION }));
}
