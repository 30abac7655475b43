/** `npm run dev order cart`: the stack, with the named services built and started again when their code, or that of libs/, changes. */
import type { Stack } from '#libs/local-stack/stack';
import { cloneRoot } from '#libs/runtime/project-root';
import { builtServices, isServiceName, type ServiceName } from '#libs/runtime/topology';
import { rebuild } from './build.ts';
import { complain, explain, say } from './progress.ts';
import { watchSources } from './source-watcher.ts';
import { bringUp, loadDotEnv, readFlags, refuseSwallowedOptions, runUntilSignal } from './start.ts';

const help = `npm run dev <service> [<service> …] [-- options of npm start]

The whole stack, with these services rebuilt and restarted whenever their code or libs/ changes.`;

const root = cloneRoot();
const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
const names = firstFlag === -1 ? args : args.slice(0, firstFlag);
const built = builtServices(root).map(({ name }) => name);

try {
  refuseSwallowedOptions(process.env);
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
      await watchFor(stack, names.filter(isServiceName), signal);
      return stack;
    });
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}

async function watchFor(stack: Stack, services: readonly ServiceName[], signal: AbortSignal): Promise<void> {
  const folders = ['libs', ...services.map((name) => `apps/${name}`)];
  const onChange = (files: readonly string[]) =>
    apply(stack, services, files, signal).catch((error: unknown) => {
      if (!signal.aborted) complain(explain(error));
    });
  await watchSources(root, folders, onChange, signal);
  say(`  Watching ${folders.map((folder) => `${folder}/`).join(', ')}\n`);
}

async function apply(stack: Stack, services: readonly ServiceName[], files: readonly string[], signal: AbortSignal): Promise<void> {
  const began = performance.now();
  say(`  changed: ${files.join(', ')}`);
  await rebuild(files, root);
  if (signal.aborted) return;
  const touched = files.some((file) => file.startsWith('libs/'))
    ? services
    : services.filter((name) => files.some((file) => file.startsWith(`apps/${name}/`)));
  // Services that run together have one process.
  const processes = new Set(touched.flatMap((name) => stack.replicasOf(name)));
  await Promise.all([...processes].map((process) => process.restart()));
  say(`  ${touched.join(', ')} restarted (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}
