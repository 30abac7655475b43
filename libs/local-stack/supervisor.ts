import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runJob } from './job.ts';
import { identityOf, isSameProcessAlive, type ProcessIdentity } from './process-identity.ts';
import { type Command, type ProcessSpec, SupervisedProcess } from './supervised-process.ts';
import { Watchdog } from './watchdog.ts';

export interface SupervisorOptions {
  readonly dataDir: string;
  readonly log: (process: string, line: string) => void;
  readonly remark: (process: string, sentence: string) => void;
  readonly autoRestart: boolean;
  /** Folders that go with us, even when we are killed. */
  readonly scratch: readonly string[];
}

/** The processes of one stack. What it started is written down, so that the next start can end what outlived a killed one. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ledger: string;
  readonly #watchdog: Watchdog;
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #stopping = new AbortController();
  #identities = new Map<number, ProcessIdentity>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#ledger = join(options.dataDir, 'processes.json');
    this.#watchdog = new Watchdog(options.scratch);
  }

  get processes(): ReadonlyMap<string, SupervisedProcess> {
    return this.#processes;
  }

  add(spec: ProcessSpec): SupervisedProcess {
    this.#stopping.signal.throwIfAborted();
    if (this.#processes.has(spec.name)) throw new Error(`There is a process ${spec.name} already`);
    const { log, remark, autoRestart } = this.#options;
    const around = { watchdog: this.#watchdog, log, remark, changed: () => this.#writeLedger(), stopping: this.#stopping.signal };
    const added = new SupervisedProcess(spec, around, autoRestart);
    this.#processes.set(spec.name, added);
    return added;
  }

  /** Runs a command to its end; it is ended with the rest. @throws ProcessFailed when it fails. */
  run(name: string, command: Command, onMessage?: (message: unknown) => void): Promise<void> {
    const log = (line: string) => this.#options.log(name, line);
    return runJob({ name, command, log, watchdog: this.#watchdog, signal: this.#stopping.signal, ...(onMessage && { onMessage }) });
  }

  /** Stops and forgets one process. */
  async remove(name: string): Promise<void> {
    await this.#processes.get(name)?.stop();
    this.#processes.delete(name);
  }

  /** Stops everything for good, the highest rank first, all processes of one rank together. */
  async stopAll(rank: (process: SupervisedProcess) => number): Promise<void> {
    this.#stopping.abort(new Error('The stack is stopping'));
    const all = [...this.#processes.values()];
    for (const group of [...new Set(all.map(rank))].sort((a, b) => b - a)) {
      await Promise.all(all.filter((process) => rank(process) === group).map((process) => process.stop()));
    }
    await this.#watchdog.leave();
    rmSync(this.#ledger, { force: true });
  }

  #writeLedger(): void {
    const pids = [...this.#processes.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    this.#identities = new Map(pids.map((pid) => [pid, this.#identities.get(pid) ?? identityOf(pid)]));
    try {
      writeFileSync(`${this.#ledger}.new`, JSON.stringify([...this.#identities.values()]));
      renameSync(`${this.#ledger}.new`, this.#ledger);
    } catch {
      // The ledger is a net for our own sudden death; a vanished data folder must not bring the stack down with it.
    }
  }
}

/**
 * Ends what a stack on this data folder left running. Its watchdog is usually at work on that already, so they get a moment first.
 * Call it with the folder's lock held.
 */
export async function sweepLeftovers(dataDir: string, patienceMs = 5_000): Promise<void> {
  const ledger = join(dataDir, 'processes.json');
  if (!existsSync(ledger)) return;
  const left: ProcessIdentity[] = JSON.parse(readFileSync(ledger, 'utf8'));
  const alive = () => left.filter(isSameProcessAlive);
  for (let waited = 0; alive().length > 0 && waited < patienceMs; waited += 100) await sleep(100);
  for (const { pid } of alive()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone in this instant.
    }
  }
  while (alive().length > 0) await sleep(50);
  rmSync(ledger, { force: true });
}
