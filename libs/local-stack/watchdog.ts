import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A shell that waits for our end of its standard input to close, which happens however we die, and then ends what we started: a parent
 * killed with SIGKILL leaves no process and no scratch folder. One shell guards all processes of a stack and costs about 1 MB.
 */
const script = `
trap '' INT TERM HUP
guarded=
# A process nobody waits for any more stays a zombie where PID 1 does not reap, as in many containers.
lives() {
  kill -s 0 "$1" || return 1
  [ -r "/proc/$1/stat" ] || return 0
  case $(cat "/proc/$1/stat") in *') Z '*) return 1 ;; esac
}
while read -r verb what; do
  case $verb in
    guard) guarded="$guarded $what" ;;
    release)
      rest=
      for one in $guarded; do [ "\${one%%:*}" = "$what" ] || rest="$rest $one"; done
      guarded=$rest ;;
    leave) exit 0 ;;
  esac
done
for one in $guarded; do kill -s CONT "\${one%%:*}"; kill -s "\${one##*:}" "\${one%%:*}"; done
tries=0
while [ $tries -lt 100 ]; do
  alive=
  for one in $guarded; do lives "\${one%%:*}" && alive=yes; done
  [ -z "$alive" ] && break
  tries=$((tries + 1))
  sleep 0.1
done
for one in $guarded; do lives "\${one%%:*}" && kill -s KILL "\${one%%:*}"; done
# A grandchild that is still writing makes rm stop half-way.
for folder in "$@"; do
  tries=0
  until rm -rf -- "$folder" || [ $tries -eq 20 ]; do tries=$((tries + 1)); sleep 0.1; done
done
`;

export class Watchdog {
  readonly #shell: ChildProcess;

  /** `scratch`: folders that go when we die. */
  constructor(scratch: readonly string[] = []) {
    // Its own session: Ctrl-C in the terminal must not reach it.
    this.#shell = spawn('/bin/sh', ['-c', script, 'only2u-watchdog', ...scratch], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    this.#shell.on('error', () => undefined);
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
  }

  guard(pid: number, signal: 'INT' | 'TERM'): void {
    this.#tell(`guard ${pid}:${signal}`);
  }

  release(pid: number): void {
    this.#tell(`release ${pid}`);
  }

  /** Ends the watchdog and touches nothing. */
  async leave(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.#shell.exitCode !== null || this.#shell.signalCode !== null || this.#shell.pid === undefined) resolve();
      else this.#shell.once('exit', () => resolve());
    });
    this.#shell.ref();
    this.#tell('leave');
    await gone;
  }

  #tell(line: string): void {
    if (this.#shell.stdin?.writable === true) this.#shell.stdin.write(`${line}\n`);
  }
}
