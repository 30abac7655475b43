import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as ownStack from '#libs/local-stack/stack';
import { cloneRoot } from '#libs/runtime/project-root';
import { build } from '../tools/build.ts';

const run = promisify(execFile);

/** A state of the shop's code whose stacks can be started. */
export interface Code {
  /** `this`, or the commit's short name. */
  readonly name: string;
  readonly root: string;
  readonly startStack: typeof ownStack.startStack;
  /** Removes what was made for it. */
  remove(): void;
}

export async function thisCode(): Promise<Code> {
  await build();
  return { name: 'this', root: cloneRoot(), startStack: ownStack.startStack, remove: () => undefined };
}

/** The code of a commit, built in a temporary folder; its packages are ours when the lock file is the same. @throws Error when there is no such commit. */
export async function codeAt(commit: string): Promise<Code> {
  const root = cloneRoot();
  const { stdout } = await run('git', ['rev-parse', '--short', '--verify', `${commit}^{commit}`], { cwd: root }).catch(() => {
    throw new Error(`There is no commit ${commit}`);
  });
  const name = stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), `only2u-bench-${name}-`));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const archive = join(folder, 'commit.tar');
    await run('git', ['archive', '--output', archive, name], { cwd: root });
    await run('tar', ['-xf', archive, '-C', folder]);
    rmSync(archive);
    const lockOf = (where: string): string => readFileSync(join(where, 'package-lock.json'), 'utf8');
    if (lockOf(folder) === lockOf(root)) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    else await run(process.execPath, [join(folder, 'tools', 'bootstrap.mjs')], { cwd: folder });
    const builder = pathToFileURL(join(folder, 'tools', 'build.ts')).href;
    const program = `const { build } = await import(${JSON.stringify(builder)}); await build();`;
    await run(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program], { cwd: folder });
    const file = join(folder, 'libs', 'local-stack', 'stack.ts');
    if (!existsSync(file)) throw new Error(`${name} has no ${file.slice(folder.length + 1)}: it is too old to be compared with`);
    // The same module of another commit: what the bench uses of it must be there in both.
    const { startStack } = (await import(pathToFileURL(file).href)) as typeof ownStack;
    return { name, root: folder, startStack, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
