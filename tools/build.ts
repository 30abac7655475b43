/** `npm run build`: apps/, libs/, Razorpay's double and the bench's programs to dist/ with swc, and the web pages with Vite, each only when something changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Options, transformFile } from '@swc/core';
import { cloneRoot } from '#libs/runtime/project-root';
import { drawPictures } from '../apps/product/demo/draw-pictures.ts';
import { helpOnly } from './help.ts';
import { precompress } from './precompress.ts';

/** Left out of dist: tests, the laptop's stack, and the web pages, which Vite builds. */
const leftOut = [/\.spec\.ts$/, /tsconfig[^/]*\.json$/, /(^|\/)test\//, /^apps\/web\//, /^libs\/(client|local-stack)\//];

export interface Built {
  /** False when dist was up to date. */
  readonly changed: boolean;
  readonly files: number;
}

/**
 * Builds into a new folder that then takes the place of `dist`, so that stale output of deleted files is gone and a stack that runs from
 * `dist` sees the old build or the new one.
 * @throws Error with swc's message for the first file it cannot compile.
 */
export async function build(root = cloneRoot(), { force = false } = {}): Promise<Built> {
  const sources = sourcesOf(root);
  const fingerprint = await fingerprintOf(root, sources);
  const dist = join(root, 'dist');
  const stamp = join(dist, '.build');
  if (!force && existsSync(stamp) && (await readFile(stamp, 'utf8')) === fingerprint) return { changed: false, files: sources.length };
  const unfinished = join(root, `dist.${process.pid}`);
  const previous = join(root, `dist.${process.pid}.old`);
  try {
    await mkdir(unfinished, { recursive: true });
    const options = await swcOptions(root);
    await Promise.all(sources.map((source) => buildFile(root, source, unfinished, options)));
    await writeFile(join(unfinished, '.build'), fingerprint);
    if (existsSync(dist)) await rename(dist, previous);
    await rename(unfinished, dist);
  } finally {
    await Promise.all([unfinished, previous].map((folder) => rm(folder, { recursive: true, force: true })));
  }
  return { changed: true, files: sources.length };
}

/** Compiles these files in place, for `npm run dev`. Paths are relative to the clone. */
export async function rebuild(files: readonly string[], root = cloneRoot()): Promise<void> {
  const options = await swcOptions(root);
  const known = new Set(sourcesOf(root));
  await Promise.all(files.filter((file) => known.has(file)).map((file) => buildFile(root, file, join(root, 'dist'), options)));
}

function sourcesOf(root: string): string[] {
  return globSync(['apps/**/*.{ts,json}', 'libs/**/*.{ts,json}', 'doubles/razorpay/**/*.ts', 'bench/programs/*.ts'], {
    cwd: root,
    exclude: (path) => path === 'node_modules' || path === 'apps/web',
  })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !leftOut.some((pattern) => pattern.test(path)) && !path.endsWith('.d.ts'))
    .sort();
}

async function buildFile(root: string, source: string, dist: string, options: Options): Promise<void> {
  const from = join(root, source);
  const to = join(dist, source.replace(/\.ts$/, '.js'));
  await mkdir(dirname(to), { recursive: true });
  if (source.endsWith('.json')) return copyFile(from, to);
  const { code, map } = await transformFile(from, { ...options, sourceFileName: relative(dirname(to), from) }).catch((error: Error) => {
    // Behind the message stands a trace of swc's own code.
    throw new Error(`${source} does not compile:\n${error.message.split('\n\nCaused by:', 1)[0]?.trimEnd()}`);
  });
  await writeFile(to, `${code}\n//# sourceMappingURL=${to.slice(to.lastIndexOf('/') + 1)}.map\n`);
  if (map !== undefined) await writeFile(`${to}.map`, map);
}

/** The file's own `exclude` is for the CLI; here it would make swc refuse a file that was asked for. */
async function swcOptions(root: string): Promise<Options> {
  const { exclude: _, ...options } = JSON.parse(await readFile(join(root, '.swcrc'), 'utf8'));
  return { ...options, swcrc: false, configFile: false, cwd: root };
}

/** Path, size and time of every source, and what else decides the output. */
async function fingerprintOf(root: string, sources: readonly string[]): Promise<string> {
  const inputs = [...sources, '.swcrc', 'package-lock.json', 'tools/build.ts'].filter((path) => existsSync(join(root, path)));
  const hash = createHash('sha256');
  for (const [index, { size, mtimeMs }] of (await Promise.all(inputs.map((path) => stat(join(root, path))))).entries()) {
    hash.update(`${inputs[index]}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** The admin pages and the demo shop, with the pictures of its goods; nothing to do where there is no apps/web. */
export async function buildWeb(root = cloneRoot(), { force = false } = {}): Promise<Built> {
  const web = join(root, 'apps', 'web');
  if (!existsSync(join(web, 'vite.config.ts'))) return { changed: false, files: 0 };
  await buildPictures(root);
  const sources = globSync(['apps/web/**/*.*', 'libs/client/*.*'], { cwd: root, exclude: ['apps/web/{dist,media}/**'] }).sort();
  const fingerprint = await fingerprintOf(root, sources);
  const stamp = join(web, 'dist', '.build');
  if (!force && existsSync(stamp) && (await readFile(stamp, 'utf8')) === fingerprint) return { changed: false, files: sources.length };
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', web, '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The web pages could not be built:\n${stdout}${stderr}`);
  await precompress(join(web, 'dist'));
  await writeFile(stamp, fingerprint);
  return { changed: true, files: sources.length };
}

/** Products of the demo shop whose pictures are part of the build; the seed draws what a larger catalogue needs. */
const DEMO_PRODUCTS = 240;

/** The pictures of the demo goods, which the gateway serves as files; all anew when what draws them has changed. */
export async function buildPictures(root = cloneRoot(), products = DEMO_PRODUCTS, say?: (sentence: string) => void): Promise<Built> {
  const media = join(root, 'apps', 'web', 'media');
  const stamp = join(media, '.build');
  const fingerprint = await fingerprintOf(root, [...globSync('apps/product/demo/*.ts', { cwd: root }), 'tools/precompress.ts'].sort());
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) !== fingerprint) await rm(media, { recursive: true });
  const files = await drawPictures(join(media, 'catalogue'), products, say);
  if (files > 0) await precompress(media, say);
  await writeFile(stamp, fingerprint);
  return { changed: files > 0, files };
}

if (import.meta.main) {
  helpOnly('npm run build\n\nCompiles apps/ and libs/ to dist/, draws the pictures of the demo shop and builds its pages, all of it anew.');
  const began = performance.now();
  try {
    const [{ files }] = await Promise.all([build(cloneRoot(), { force: true }), buildWeb(cloneRoot(), { force: true })]);
    process.stdout.write(`Built ${files} files into dist in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
