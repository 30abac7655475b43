import { spawnSync } from 'node:child_process';

/** How a Redis server is run on this machine. */
export type RedisProgram = { readonly kind: 'program'; readonly file: string } | { readonly kind: 'docker'; readonly image: string };

const oldestMajor = 7;
const image = 'redis:7.4-alpine';
const programs = ['redis-server', 'valkey-server'];

/**
 * `redis-server` or `valkey-server` (7.0 or later) on the PATH; else installed with apt (as root) or brew; else Docker.
 * `say` hears of an installation before it begins.
 * @throws Error with one sentence on what to do.
 */
export function redisProgram(say: (sentence: string) => void): RedisProgram {
  const found = onPath() ?? installed(say) ?? inDocker(say);
  if (found === undefined) throw new Error(missing());
  return found;
}

function missing(): string {
  const old = programs.map((file) => [file, majorOf(file)] as const).find(([, major]) => major !== undefined);
  const because =
    old === undefined ? 'No Redis was found' : `${old[0]} on the PATH is version ${old[1]}, and Only2U needs ${oldestMajor}.0 or later`;
  return `${because}. Install redis-server or valkey-server ${oldestMajor}.0 or later, start Docker, or set REDIS_URL to a server of your own.`;
}

function onPath(): RedisProgram | undefined {
  const file = programs.find((candidate) => (majorOf(candidate) ?? 0) >= oldestMajor);
  return file === undefined ? undefined : { kind: 'program', file };
}

/** "Redis server v=7.0.15 sha=…" or "Valkey server v=8.1.0 sha=…". */
function majorOf(file: string): number | undefined {
  const { stdout, error } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const [, major] = error === undefined ? (/\bv=(\d+)\./.exec(stdout) ?? []) : [];
  return major === undefined ? undefined : Number(major);
}

function installed(say: (sentence: string) => void): RedisProgram | undefined {
  if (process.platform === 'darwin' && succeeds('brew', ['--version'])) {
    say('Redis is missing: installing it with "brew install redis"');
    succeeds('brew', ['install', '--quiet', 'redis']);
    return onPath();
  }
  if (process.getuid?.() !== 0 || !succeeds('apt-get', ['--version'])) return undefined;
  for (const name of ['redis-server', 'valkey-server']) {
    say(`Redis is missing: installing it with "apt-get install ${name}"`);
    const options = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    succeeds('apt-get', ['update', '-qq'], options);
    // RUNLEVEL=1 keeps the package from starting a server of its own on 6379.
    succeeds('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options);
    const program = onPath();
    if (program !== undefined) return program;
  }
  return undefined;
}

function inDocker(say: (sentence: string) => void): RedisProgram | undefined {
  if (!succeeds('docker', ['info'])) return undefined;
  if (!succeeds('docker', ['image', 'inspect', image])) {
    say(`Redis is missing: pulling ${image} with Docker`);
    if (!succeeds('docker', ['pull', '--quiet', image])) return undefined;
  }
  return { kind: 'docker', image };
}

function succeeds(file: string, args: readonly string[], environment: Record<string, string> = {}): boolean {
  return spawnSync(file, args, { stdio: 'ignore', env: { ...process.env, ...environment } }).status === 0;
}
