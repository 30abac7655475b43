/** `docker-compose.yml` and what Postgres runs at its first start. */

import { ownerOf } from '#libs/local-stack/databases';
import { needLargeYoungGeneration } from '#libs/local-stack/process-environment';
import { cassandraEnv } from '#libs/runtime/cassandra-settings';
import { redisUserName } from '#libs/runtime/redis-users';
import { databaseName } from '#libs/runtime/settings';
import {
  databaseVariable,
  migrationDatabaseVariable,
  passwordVariable,
  probePortDistance,
  razorpaySimulatorPorts,
  redisVariable,
  type Service,
  type ServiceName,
} from '#libs/runtime/topology';

import type { FrontProxy } from './nginx.ts';
import { redisPasswordVariable } from './redis-acl.ts';

const NOTICE = '# Generated from libs/runtime/topology.ts by `npm run generate`.\n';
const { checkout, control } = razorpaySimulatorPorts;

const PREFIX = 'only2u';
const withDatabase = (services: readonly Service[]): readonly Service[] => services.filter(({ database }) => database);

/** nginx of the profile `front`: as a user without rights, so on ports above 1024. Docker's DNS knows every replica of the gateway. */
export const composeFront: FrontProxy = {
  listen: { http: '8080', https: '8443' },
  gateways: ['gateway:3000'],
  resolver: '127.0.0.11',
  certificate: '/run/secrets/front_certificate',
  key: '/run/secrets/front_key',
  folder: '/tmp',
  publicPort: 8443,
};

/** What holds the password of a service's database login, and of the one that owns its tables and migrates. */
const loginPassword = (name: ServiceName): string => passwordVariable(databaseVariable(name));
const ownerPassword = (name: ServiceName): string => passwordVariable(migrationDatabaseVariable(name));
const given = (variable: string): string => `\${${variable}:?a password of at least 16 characters}`;

export function composeFile(services: readonly Service[]): string {
  const owners = withDatabase(services);
  const databasePasswords = owners.flatMap(({ name }) => [loginPassword(name), ownerPassword(name)]);
  const redisPasswords = ['REDIS_ADMIN_PASSWORD', ...services.map(({ name }) => redisPasswordVariable(name))];
  const drawn = ['BUS_SECRET', 'FACTOR_KEY', 'INSTRUMENT_KEY', 'DEVICE_KEY', 'POSTGRES_PASSWORD', ...databasePasswords, ...redisPasswords];
  const roles = owners.map(({ name }) => `"${name}"`).join(', ');
  return `${NOTICE}# Development settings: Razorpay is the simulator, the shop is on port 3000. Compose reads the secrets below from \`.env\` beside this file:
#   for name in ${inLines(drawn)}; do
#     echo "$name=$(openssl rand -hex 32)"; done > .env
#   echo "JWT_PRIVATE_KEY='$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)'" >> .env
#   echo "STORAGE_LINK_KEYS=first:$(openssl rand -hex 32)" >> .env
# A password may have any characters; in .env it then stands in single quotes.
name: only2u

x-service: &service
  build: { context: ., args: { VERSION: "\${VERSION:-development}" } }
  image: only2u
  restart: unless-stopped
  init: true
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  mem_limit: 384m

x-store: &store
  restart: unless-stopped
  security_opt: ["no-new-privileges:true"]

x-environment: &environment
  NODE_ENV: development
  HOST: 0.0.0.0
  PUBLIC_URL: http://localhost:3000
  BUS_SECRET: \${BUS_SECRET:?a secret of at least 32 characters}

x-redis-passwords: &redis-passwords
${redisPasswords.map((variable) => `  ${variable}: ${given(variable)}`).join('\n')}

services:
  postgres:
    <<: *store
    image: postgres:18
    command: ["postgres", "-c", "max_connections=300"]
    mem_limit: 1g
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?a password for Postgres}
${databasePasswords.map((variable) => `      ${variable}: ${given(variable)}`).join('\n')}
    volumes:
      - postgres:/var/lib/postgresql
      - ./docker/databases.sh:/docker-entrypoint-initdb.d/databases.sh:ro
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 2s
      retries: 60

${redisService('redis', ['--maxmemory', '512mb', '--maxmemory-policy', 'noeviction', '--appendonly', 'yes'], '640m')}
${redisService('redis-cache', ['--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru', '--save', ''], '384m')}
  razorpay-sim:
    <<: *service
    build: { context: ., target: razorpay-sim }
    image: only2u-razorpay-sim
    command: ["--host", "0.0.0.0", "--port", "${checkout}", "--control-port", "${control}", "--key-id", "${sandbox.RAZORPAY_KEY_ID}", "--key-secret", "${sandbox.RAZORPAY_KEY_SECRET}", "--webhook-url", "http://gateway:3000/api/payments/webhook", "--webhook-secret", "${sandbox.RAZORPAY_WEBHOOK_SECRET}", "--ledger-file", "/ledger/ledger.json"]
    ports: ["127.0.0.1:${checkout}:${checkout}", "127.0.0.1:${control}:${control}"]
    volumes: ["razorpay-sim:/ledger"]
    healthcheck:
      test: ["CMD", "node", "-e", "require('node:net').connect(${checkout}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"]
      interval: 5s
      retries: 24

  migrate:
    <<: *service
    restart: "no"
    command: ["migrate", ${roles}]
    environment:
      <<: *environment
${[...owners.map(ownerLines), ...(owners.some(({ cassandra }) => cassandra) ? cassandraLines : [])].join('\n')}
    depends_on:
      postgres: { condition: service_healthy }

  seed:
    <<: *service
    restart: "no"
    command: ["seed", ${roles}]
    environment:
      <<: *environment
${owners.map(ownerLines).join('\n')}
    depends_on:
      migrate: { condition: service_completed_successfully }

${services.map(composeService).join('\n')}
volumes:
  postgres:
  redis:
  razorpay-sim:
  files:
`;
}

const redisService = (name: string, settings: readonly string[], memory: string): string => `  ${name}:
    <<: *store
    image: redis:7
    command: ["sh", "-c", "sh /redis-users.sh > /tmp/users.acl && exec docker-entrypoint.sh redis-server --aclfile /tmp/users.acl \\"$$@\\"", "redis-server", ${settings.map((word) => `"${word}"`).join(', ')}]
    read_only: true
    mem_limit: ${memory}
    environment:
      <<: *redis-passwords
      REDISCLI_AUTH: \${REDIS_ADMIN_PASSWORD}
    volumes: ["./docker/redis-users.sh:/redis-users.sh:ro"${name === 'redis' ? ', "redis:/data"' : ''}]
    tmpfs: [${name === 'redis' ? '/tmp' : '/tmp, /data'}]
    healthcheck:
      test: ["CMD-SHELL", "redis-cli ping | grep -q PONG"]
      interval: 2s
      retries: 60
`;

const databaseAs = (login: string, name: ServiceName): string => `postgres://${login}@postgres:5432/${databaseName(PREFIX, name)}`;

/** Empty without a Cassandra. */
const cassandraLines = Object.keys(cassandraEnv.variables).map((name) => `      ${name}: \${${name}:-}`);

/** What a service's process is told of its own stores. */
const storeLines = ({ name, database, redis, cassandra }: Service): readonly string[] => [
  ...(database
    ? [
        `      ${databaseVariable(name)}: ${databaseAs(databaseName(PREFIX, name), name)}`,
        `      ${loginPassword(name)}: \${${loginPassword(name)}}`,
      ]
    : []),
  ...redis.map(
    (role) => `      ${redisVariable(role)}: redis://${redisUserName(PREFIX, name)}@${role === 'cache' ? 'redis-cache' : 'redis'}:6379`,
  ),
  `      REDIS_PASSWORD: \${${redisPasswordVariable(name)}}`,
  ...(cassandra ? cassandraLines : []),
];

/** The owner's login, and the name alone of the one that gets its rights. */
const ownerLines = ({ name }: Service): string =>
  `      ${databaseVariable(name)}: ${databaseAs(databaseName(PREFIX, name), name)}
      ${migrationDatabaseVariable(name)}: ${databaseAs(ownerOf(databaseName(PREFIX, name)), name)}
      ${ownerPassword(name)}: \${${ownerPassword(name)}}`;

/** Words of a list in lines of a comment's length, for a shell. */
const inLines = (words: readonly string[]): string => words.join(' ').replace(/(.{90}\S*) /g, '$1 \\\n#     ');

function composeService(service: Service): string {
  const { name, port, secrets } = service;
  const own = secrets.map((secret) => `      ${secret}: ${sandboxOf(secret)}`);
  return `  ${name}:
    <<: *service
    command: ["${name}"]
    environment:
      <<: *environment
      APP: ${name}
${needLargeYoungGeneration.includes(name) ? '' : '      NODE_OPTIONS: --max-semi-space-size=2\n'}${[...storeLines(service), ...own].map((line) => `${line}\n`).join('')}${name === 'gateway' ? `      TRUST_PROXY: \${TRUST_PROXY:-}\n` : ''}${name === 'payment' ? `      RAZORPAY_BASE_URL: http://razorpay-sim:${checkout}\n      RAZORPAY_CHECKOUT_URL: http://localhost:${checkout}\n` : ''}${name === 'storage' ? STORED : ''}    healthcheck:
      test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:${port + probePortDistance}/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
      interval: 5s
      retries: 24
    depends_on:
      redis: { condition: service_healthy }
      redis-cache: { condition: service_healthy }
      seed: { condition: service_completed_successfully }
${name === 'payment' ? '      razorpay-sim: { condition: service_healthy }\n' : ''}${name === 'gateway' ? `    ports: ["127.0.0.1:${port}:${port}"]\n` : ''}`;
}

/** Pictures are decoded in memory. */
const STORED = `      STORAGE_DIR: /files
    mem_limit: 1g
    volumes: ["files:/files"]
`;

/** Secrets of the simulator, which guard nothing. */
const sandbox = {
  RAZORPAY_KEY_ID: 'rzp_test_only2ucompose',
  RAZORPAY_KEY_SECRET: 'compose-sandbox-key-secret',
  RAZORPAY_WEBHOOK_SECRET: 'compose-sandbox-webhook-secret',
};

/** What a service cannot do without; a provider without its secret is a sandbox. */
const needed: Readonly<Record<string, string>> = {
  JWT_PRIVATE_KEY: 'see docs/environment.md',
  FACTOR_KEY: 'a secret of at least 32 characters',
  INSTRUMENT_KEY: 'a secret of at least 32 characters',
  DEVICE_KEY: 'a secret of at least 32 characters',
  STORAGE_LINK_KEYS: 'see docs/environment.md',
};

/** All other secrets come from the shell or `.env`. */
function sandboxOf(secret: string): string {
  const value = Object.entries(sandbox).find(([name]) => name === secret)?.[1];
  const advice = needed[secret];
  return value ?? (advice === undefined ? `\${${secret}:-}` : `\${${secret}:?${advice}}`);
}

export function databasesScript(services: readonly Service[]): string {
  const logins = withDatabase(services).map(({ name }) => {
    const role = databaseName(PREFIX, name);
    return { role, password: loginPassword(name), owner: ownerOf(role), ownersPassword: ownerPassword(name) };
  });
  return `#!/bin/sh
${NOTICE}# Runs once, in an empty Postgres: for each service a database, a login that owns it and migrates, and one that the service runs as. Each
# has a password of its own, with any characters, in the variable that is read here.
set -e
psql -v ON_ERROR_STOP=1 --username "\${POSTGRES_USER:-postgres}" <<'SQL'
${logins
  .map(
    ({ role, password, owner, ownersPassword }) => `\\getenv ${role} ${password}
\\getenv ${owner} ${ownersPassword}
CREATE ROLE ${role} LOGIN PASSWORD :'${role}';
CREATE ROLE ${owner} LOGIN PASSWORD :'${owner}';
GRANT ${owner} TO CURRENT_USER;
CREATE DATABASE ${role} OWNER ${owner};
REVOKE ALL ON DATABASE ${role} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${role} TO ${role};`,
  )
  .join('\n')}
SQL
`;
}
