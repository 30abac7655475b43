/** How a command of ours learns that it should end. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at every signal, and once when npm, which started us, is gone: killed with SIGKILL it can pass on no signal. (The scripts of
 * package.json that run long `exec` their node, or a signal sent to npm would end the shell between the two and leave us running.)
 */
export function onStop(stop: (signal: NodeJS.Signals) => void): void {
  for (const signal of signals) process.on(signal, () => stop(signal));
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop('SIGHUP');
  }, 500);
  watch.unref();
  // What we write to went with it, perhaps.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
