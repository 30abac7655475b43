/** Tells which source files changed, however an editor or git writes them. */
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { watch } from 'chokidar';

/** Editors write a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 150;

/**
 * Calls `changed` with the files that changed, relative to `root`, until the signal; calls never overlap. A file that is replaced by a
 * rename (sed -i, git checkout, editors that save safely) goes on being watched. Resolves when changes are seen.
 */
export async function watchSources(
  root: string,
  folders: readonly string[],
  changed: (files: readonly string[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const watcher = watch(
    folders.map((folder) => join(root, folder)),
    { ignoreInitial: true, ignored: (path, stats) => stats?.isFile() === true && !isSource(path) },
  );
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  const settle = () => {
    const files = [...pending].sort();
    pending.clear();
    // One change after the other, so that a restart is never overtaken by the next build.
    work = work.then(() => (signal.aborted ? undefined : changed(files)));
  };
  watcher.on('all', (event, path) => {
    if (event !== 'add' && event !== 'change' && event !== 'unlink') return;
    pending.add(relative(root, path).replaceAll('\\', '/'));
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE_MS);
  });
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    void watcher.close();
  });
  await once(watcher, 'ready');
}

const isSource = (path: string): boolean => path.endsWith('.ts') && !path.endsWith('.spec.ts');
