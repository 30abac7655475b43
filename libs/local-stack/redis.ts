import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { RedisProgram } from './redis-program.ts';
import { socketPath } from './sockets.ts';
import type { Command, ProcessSpec } from './supervised-process.ts';

export interface RedisOptions {
  readonly name: 'redis' | 'redis-cache';
  readonly dataDir: string;
  readonly port: number;
  readonly program: RedisProgram;
  /** Further settings, over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines `user …`: the logins beside the default one. */
  readonly users?: readonly string[];
}

/** Bus, carts, sockets and limits: nothing may be evicted, and what was accepted is there again after the process died. */
const keeping = {
  'maxmemory-policy': 'noeviction',
  maxmemory: '512mb',
  appendonly: 'yes',
  // The operating system writes out when it likes: a dead process loses nothing, and no slow disk stalls the bus.
  appendfsync: 'no',
  'auto-aof-rewrite-min-size': '256mb',
  save: '""',
};

const evicting = { 'maxmemory-policy': 'allkeys-lru', maxmemory: '128mb', appendonly: 'no', save: '""' };

/** Where such a server listens beside its port, for processes of this account; undefined where it does not. */
export function redisSocket({ name, dataDir, program }: Pick<RedisOptions, 'name' | 'dataDir' | 'program'>): string | undefined {
  return program.kind === 'program' ? socketPath(join(dataDir, name, 'redis.sock')) : undefined;
}

export function redisSpec({ name, dataDir, port, program, settings = {}, users = [] }: RedisOptions): ProcessSpec {
  const folder = join(dataDir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = name === 'redis-cache' ? evicting : keeping;
  const socket = redisSocket({ name, dataDir, program });
  const listening: Record<string, string> = socket === undefined ? {} : { unixsocket: JSON.stringify(socket), unixsocketperm: '700' };
  return {
    name,
    port,
    command: () =>
      command(program, folder, port, { ...own, ...listening, loglevel: 'warning', databases: '1', daemonize: 'no', ...settings }, users),
    isReady: () => answersPing(port),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 10_000,
    ipc: false,
  };
}

function command(
  program: RedisProgram,
  folder: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  users: readonly string[],
): Command {
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', LC_ALL: 'C' };
  const lines = (own: Record<string, string>) =>
    [...Object.entries({ ...settings, ...own }).map(([key, value]) => `${key} ${value}`), ...users].map((line) => `${line}\n`).join('');
  if (program.kind === 'program') {
    const input = lines({ port: String(port), bind: '127.0.0.1', dir: JSON.stringify(folder) });
    return { file: program.file, args: ['-'], env, cwd: folder, input };
  }
  const container = `only2u-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  // A client killed with SIGKILL leaves its container running.
  spawnSync('docker', ['rm', '-f', container], { stdio: 'ignore' });
  const args = [
    'run',
    '--rm',
    '-i',
    '--name',
    container,
    '-p',
    `127.0.0.1:${port}:6379`,
    '-v',
    `${folder}:/data`,
    program.image,
    'redis-server',
    '-',
  ];
  return { file: 'docker', args, env, cwd: folder, input: lines({ port: '6379', bind: '0.0.0.0', 'protected-mode': 'no', dir: '/data' }) };
}

/** False while the server still reads its data ("-LOADING"). */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString().startsWith('+PONG'));
    });
    socket.once('error', reject);
  });
}
