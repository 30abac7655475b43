import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isSameProcessAlive, type ProcessIdentity } from './process-identity.ts';

export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse';

  constructor(dataDir: string, pid: number | undefined) {
    super(
      `Another Only2U stack${pid === undefined ? '' : ` (process ${pid})`} uses ${dataDir}. Stop it, or set DATA_DIR and PORT_OFFSET to run a second one beside it.`,
    );
  }
}

/**
 * One stack per data folder. The lock of a process that is gone is taken over.
 * @throws DataDirInUse
 */
export function lockDataDir(dataDir: string): { release(): void } {
  const path = join(dataDir, 'lock');
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      writeFileSync(path, JSON.stringify(identityOf(process.pid)), { flag: 'wx', mode: 0o600 });
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    removeIfStale(path, dataDir);
  }
  throw new DataDirInUse(dataDir, undefined);
}

function removeIfStale(path: string, dataDir: string): void {
  let holder: ProcessIdentity | undefined;
  try {
    holder = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    // Created and not yet written: somebody is starting this moment, or died in that moment.
    if (Date.now() - statSync(path).mtimeMs < 5_000) throw new DataDirInUse(dataDir, undefined);
  }
  if (holder !== undefined && isSameProcessAlive(holder)) throw new DataDirInUse(dataDir, holder.pid);
  // Of two that find the same stale lock only one can move it away, so neither deletes the lock that the other has just made.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
