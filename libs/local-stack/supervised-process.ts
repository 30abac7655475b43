import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineSplitter } from './log-lines.ts';
import type { Watchdog } from './watchdog.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
}

export interface ProcessSpec {
  readonly name: string;
  readonly port: number;
  /** Asked anew at every start. */
  readonly command: () => Command | Promise<Command>;
  /** One probe; false or a rejection means "not yet". */
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** After this the process is killed. */
  readonly stopWithinMs: number;
  /** Node processes get an IPC channel, whose closing tells them that we are gone. */
  readonly ipc: boolean;
  /** Receives what the process sends over IPC. */
  readonly onMessage?: (message: unknown) => void;
}

export type ProcessState = 'stopped' | 'starting' | 'ready' | 'waiting to start again';

export class ProcessFailed extends Error {
  override readonly name = 'ProcessFailed';
}

export interface Surroundings {
  readonly watchdog: Watchdog;
  /** The supervisor's own remarks about a process. */
  readonly remark: (process: string, sentence: string) => void;
  readonly log: (process: string, line: string) => void;
  /** Called when a pid comes or goes. */
  readonly changed: () => void;
  /** Aborted when all processes stop for good: none starts after that. */
  readonly stopping: AbortSignal;
}

const firstDelayMs = 250;
const longestDelayMs = 30_000;
/** A life as long as this counts as healthy: the next crash is answered at once again. */
const healthyLifeMs = 30_000;
const probeEveryMs = 60;
const keptLines = 300;

/** One process that is started again, after growing delays, when it dies by itself or by a signal. */
export class SupervisedProcess {
  readonly name: string;
  readonly port: number;
  /** Whether a death is answered by a new start. */
  autoRestart: boolean;
  /** Starts after a death, so far. */
  restarts = 0;
  readonly #spec: ProcessSpec;
  readonly #around: Surroundings;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();
  #state: ProcessState = 'stopped';
  #wanted = false;
  #launching: Promise<void> | undefined;
  #delayMs = firstDelayMs;
  #waiting: AbortController | undefined;

  constructor(spec: ProcessSpec, around: Surroundings, autoRestart: boolean) {
    this.name = spec.name;
    this.port = spec.port;
    this.autoRestart = autoRestart;
    this.#spec = spec;
    this.#around = around;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The last lines it wrote, of all its lives. */
  lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * Starts it and waits until it is ready.
   * @throws ProcessFailed when it dies first or is not ready in time; it is then stopped and stays so.
   */
  async start(): Promise<void> {
    if (this.#wanted) return this.ready();
    if (this.#around.stopping.aborted) throw new ProcessFailed(`${this.name} is stopped`);
    this.#wanted = true;
    this.#delayMs = firstDelayMs;
    try {
      await this.#launch();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Waits until it is ready, through deaths and restarts. @throws ProcessFailed after `withinMs`, or when it is stopped for good. */
  async ready(withinMs = 60_000): Promise<void> {
    const until = Date.now() + withinMs;
    while (this.#state !== 'ready') {
      if (!this.#wanted) throw new ProcessFailed(`${this.name} is stopped`);
      if (Date.now() > until) throw this.#failure(`was not ready within ${withinMs} ms`);
      await sleep(20);
    }
  }

  /** Ends it in good order; it stays stopped until `start`. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#waiting?.abort();
    const child = this.#child;
    if (child !== undefined) {
      // A process halted by SIGSTOP would not hear the other signal.
      child.kill('SIGCONT');
      child.kill(this.#spec.stopSignal);
      const patience = new AbortController();
      const late = sleep(this.#spec.stopWithinMs, 'late', { signal: patience.signal }).catch(() => undefined);
      const outcome = await Promise.race([this.#gone, late]);
      patience.abort();
      if (outcome === 'late') {
        this.#around.remark(this.name, `did not stop within ${this.#spec.stopWithinMs} ms and is killed`);
        child.kill('SIGKILL');
        await this.#gone;
      }
    }
    await this.#launching?.catch(() => undefined);
    this.#state = 'stopped';
  }

  /** Kills it and waits until it is gone. It comes back if `autoRestart` is set. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    await this.#gone;
  }

  /** Halts it where it stands (SIGSTOP), as a hung process is. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #launch(): Promise<void> {
    this.#launching = this.#launchOnce().finally(() => {
      this.#launching = undefined;
    });
    return this.#launching;
  }

  async #launchOnce(): Promise<void> {
    this.#state = 'starting';
    const command = await this.#spec.command();
    if (!this.#wanted) throw new ProcessFailed(`${this.name} was stopped while it started`);
    const child = this.#spawn(command);
    const until = Date.now() + this.#spec.readyWithinMs;
    while (this.#child === child) {
      if ((await this.#spec.isReady().catch(() => false)) && this.#child === child) {
        this.#state = 'ready';
        return;
      }
      if (Date.now() > until) {
        child.kill('SIGKILL');
        await this.#gone;
        throw this.#failure(`was not ready within ${this.#spec.readyWithinMs / 1000} s`);
      }
      await sleep(probeEveryMs);
    }
    throw this.#failure(`ended before it was ready (${ending(child)})`);
  }

  #spawn(command: Command): ChildProcess {
    const born = Date.now();
    const child = spawnCommand(command, this.#spec.ipc);
    this.#child = child;
    if (child.pid !== undefined) this.#around.watchdog.guard(child.pid, this.#spec.stopSignal === 'SIGINT' ? 'INT' : 'TERM');
    for (const stream of [child.stdout, child.stderr]) {
      const splitter = new LineSplitter((line) => this.#keep(line));
      stream
        ?.setEncoding('utf8')
        .on('data', (chunk: string) => splitter.push(chunk))
        .on('close', () => splitter.end());
    }
    if (this.#spec.onMessage !== undefined) child.on('message', this.#spec.onMessage);
    this.#gone = new Promise((resolve) => {
      const over = () => {
        if (this.#child !== child) return;
        this.#child = undefined;
        if (child.pid !== undefined) this.#around.watchdog.release(child.pid);
        this.#around.changed();
        resolve();
        this.#died(child, Date.now() - born);
      };
      child.once('exit', over);
      child.once('error', (error) => {
        this.#keep(error.message);
        if (child.pid === undefined) over();
      });
    });
    this.#around.changed();
    return child;
  }

  #died(child: ChildProcess, lifeMs: number): void {
    const wasReady = this.#state === 'ready';
    this.#state = 'stopped';
    if (!this.#wanted || !wasReady) return;
    if (lifeMs >= healthyLifeMs) this.#delayMs = firstDelayMs;
    if (this.autoRestart) {
      void this.#revive(ending(child));
      return;
    }
    this.#wanted = false;
    this.#around.remark(this.name, `ended (${ending(child)})`);
  }

  async #revive(firstReason: string): Promise<void> {
    let reason = firstReason;
    while (this.#wanted && this.autoRestart) {
      this.#state = 'waiting to start again';
      this.#around.remark(this.name, `ended (${reason}); starting it again in ${this.#delayMs / 1000} s`);
      this.#waiting = new AbortController();
      await sleep(this.#delayMs, undefined, { signal: this.#waiting.signal }).catch(() => undefined);
      this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
      if (!this.#wanted || !this.autoRestart) break;
      this.restarts += 1;
      try {
        await this.#launch();
        this.#around.remark(this.name, 'is ready again');
        return;
      } catch (error) {
        reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      }
    }
    if (this.#state !== 'ready') this.#state = 'stopped';
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.splice(0, this.#lines.length - keptLines);
    this.#around.log(this.name, line);
  }

  #failure(what: string): ProcessFailed {
    const last = this.#lines.slice(-15).map((line) => `    ${line}`);
    return new ProcessFailed([`${this.name} ${what}`, ...(last.length > 0 ? ['  Its last lines:', ...last] : [])].join('\n'));
  }
}

function ending(child: ChildProcess): string {
  return child.signalCode === null ? `exit code ${child.exitCode ?? 'unknown'}` : child.signalCode;
}

export function spawnCommand({ file, args, env, cwd, uid, gid, input }: Command, ipc: boolean): ChildProcess {
  const child = spawn(file, args, {
    env,
    cwd,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    // Its own session, so that Ctrl-C reaches the supervisor alone and the order of stopping is kept.
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return child;
}
