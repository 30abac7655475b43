/** `npm run compose:secrets`: the `.env` of compose with what is missing in it, and a certificate for nginx. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { BUCKET } from './compose-profiles.ts';
import { helpAsked } from './help.ts';
import { complain, say } from './progress.ts';

const HELP = `npm run compose:secrets [-- <profile> …]

  profiles: front, observe, cassandra, s3

Adds to .env every secret and password that docker-compose.yml asks for and .env has not yet, each of its own; what is there stays. Makes a
certificate for localhost that signs itself, in .only2u/front, unless one is there. With profiles: turns these on in .env (COMPOSE_PROFILES)
and tells the services what they are to know of them. npm start reads .env too: use another clone for it.`;

/** What the services are told while a profile is on. */
const OF_PROFILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  front: { PUBLIC_URL: 'https://localhost:8443' },
  observe: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318' },
  cassandra: { CASSANDRA_CONTACT_POINTS: 'cassandra:9042' },
  s3: { S3_ENDPOINT: 'http://s3:7070', S3_BUCKET: BUCKET },
};

const drawn = (): string => randomBytes(32).toString('hex');
/** Those that are more than random letters. */
const SPECIAL: Readonly<Record<string, () => string>> = {
  JWT_PRIVATE_KEY: () =>
    `'${generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd()}'`,
  STORAGE_LINK_KEYS: () => `first:${drawn()}`,
};

const namesIn = (env: string): ReadonlySet<string> => new Set([...env.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name));

/** `env` with a line for each variable that `compose` cannot do without, and with these profiles on. */
export function completed(env: string, compose: string, profiles: readonly string[]): string {
  const known = namesIn(env);
  const asked = [...compose.matchAll(/\$\{([A-Z][A-Z0-9_]*):\?/g)].map(([, name = '']) => name);
  const wanted = new Set([...asked, ...(profiles.includes('s3') ? ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] : [])]);
  const missing = [...wanted].filter((name) => !known.has(name)).map((name): [string, string] => [name, (SPECIAL[name] ?? drawn)()]);
  const told = Object.entries(Object.assign({}, ...profiles.map((profile) => OF_PROFILES[profile])) as Record<string, string>);
  const set: [string, string][] = profiles.length === 0 ? [] : [['COMPOSE_PROFILES', profiles.join(',')], ...told];
  const kept = env.split('\n').filter((line) => !set.some(([name]) => line.startsWith(`${name}=`)));
  const lines = [...missing, ...set].map(([name, value]) => `${name}=${value}`);
  return `${[kept.join('\n').trimEnd(), ...lines].filter((line) => line !== '').join('\n')}\n`;
}

/** The folder is the owner's alone; the files are for nginx' own user, who finds them by their mount. */
function certify(folder: string): boolean {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  if (existsSync(certificate) && existsSync(key)) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { status, error, stderr } = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '365', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl made no certificate: ${error?.message ?? stderr}`);
  for (const file of [key, certificate]) chmodSync(file, 0o644);
  return true;
}

function main(args: readonly string[]): void {
  const stranger = args.find((arg) => !Object.hasOwn(OF_PROFILES, arg));
  if (stranger !== undefined) throw new Error(`There is no profile ${stranger}. See npm run compose:secrets -- --help`);
  const root = cloneRoot();
  const file = join(root, '.env');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const after = completed(before, readFileSync(join(root, 'docker-compose.yml'), 'utf8'), args);
  writeFileSync(file, after, { mode: 0o600 });
  say(`.env: ${namesIn(after).size - namesIn(before).size} variables added${args.length > 0 ? `, profiles ${args.join(', ')}` : ''}`);
  if (certify(join(root, '.only2u', 'front'))) say('.only2u/front: a certificate for localhost, which browsers ask about');
}

if (import.meta.main && !helpAsked(HELP)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
