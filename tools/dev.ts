/** `npm run dev order cart`: the stack, with the named services built and started again when their code, or that of libs/, changes. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '#libs/local-stack/stack';
import { cloneRoot } from '#libs/runtime/project-root';
import { builtServices, isServiceName, type ServiceName } from '#libs/runtime/topology';
import { rebuild } from './build.ts';
import { complain, explain, say } from './progress.ts';
import { bringUp, loadDotEnv, readFlags, runUntilSignal } from './start.ts';

const help = `npm run dev <service> [<service> …] [-- options of npm start]

The whole stack, with these services rebuilt and restarted whenever their code or libs/ changes.`;

/** Editors write a file in several steps; what comes within this time is one change. */
const settleMs = 150;

const root = cloneRoot();
const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
const names = firstFlag === -1 ? args : args.slice(0, firstFlag);
const built = builtServices(root).map(({ name }) => name);

try {
  loadDotEnv(root);
  const flags = readFlags(args.slice(names.length), root);
  const unknown = names.find((name) => !isServiceName(name) || !built.includes(name));
  if (flags === 'help' || names.length === 0) {
    say(`${help}\n\nServices: ${built.join(', ')}`);
    process.exitCode = flags === 'help' ? 0 : 1;
  } else if (unknown !== undefined) {
    complain(`There is no service ${unknown}; there are ${built.join(', ')}`);
    process.exitCode = 1;
  } else {
    await runUntilSignal(async (signal) => {
      const stack = await bringUp(flags, signal);
      watchFor(stack, names.filter(isServiceName), signal);
      return stack;
    });
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}

function watchFor(stack: Stack, services: readonly ServiceName[], signal: AbortSignal): void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  const settle = () => {
    const files = [...changed];
    changed.clear();
    // One change after the other, so that a restart is never overtaken by the next build.
    work = work.then(() => apply(stack, services, files)).catch((error) => complain(explain(error)));
  };
  for (const folder of ['libs', ...services.map((name) => `apps/${name}`)]) {
    watch(join(root, folder), { recursive: true, signal }, (_, file) => {
      if (file === null || !file.endsWith('.ts') || file.endsWith('.spec.ts')) return;
      changed.add(`${folder}/${file.replaceAll('\\', '/')}`);
      clearTimeout(timer);
      timer = setTimeout(settle, settleMs);
    });
  }
  say(`  Watching libs/ and ${services.map((name) => `apps/${name}/`).join(', ')}\n`);
}

async function apply(stack: Stack, services: readonly ServiceName[], files: readonly string[]): Promise<void> {
  const began = performance.now();
  await rebuild(files, root);
  const touched = files.some((file) => file.startsWith('libs/'))
    ? services
    : services.filter((name) => files.some((file) => file.startsWith(`apps/${name}/`)));
  await Promise.all(touched.flatMap((name) => stack.replicasOf(name)).map((process) => process.restart()));
  say(`  ${touched.join(', ')} restarted after a change of ${files.join(', ')} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}
