import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's folder: the nearest one above this file whose package.json is Only2U's. */
export function cloneRoot(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'only2u') return folder;
  }
  throw new Error(`No package.json of Only2U above ${import.meta.dirname}`);
}
