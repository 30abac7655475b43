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
  razorpaySimulatorPorts,
  redisVariable,
  type Service,
  type ServiceName,
} from '#libs/runtime/topology';

import { cassandraService, frontService, keepingWatchers, type ObservedFiles, observeServices, s3Service } from './compose-profiles.ts';
import type { FrontProxy } from './nginx.ts';
import { redisPasswordVariable } from './redis-acl.ts';

const NOTICE = '# Generated from libs/runtime/topology.ts by `npm run generate`.\n';
const { checkout, control } = razorpaySimulatorPorts;

const PREFIX = 'only2u';
const withDatabase = (services: readonly Service[]): readonly Service[] => services.filter(({ database }) => database);

/** Services that people or providers outside are reached by; the others have no way out. */
const reaching: readonly ServiceName[] = ['gateway', 'payment', 'notification', 'storage'];
const EDGE_SUBNET = '172.30.77.0/24';
const FRONT_ADDRESS = '172.30.77.10';

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

export function composeFile(services: readonly Service[], observed: ObservedFiles): string {
  const owners = withDatabase(services);
  const databasePasswords = owners.flatMap(({ name }) => [loginPassword(name), ownerPassword(name)]);
  const redisPasswords = ['REDIS_ADMIN_PASSWORD', ...services.map(({ name }) => redisPasswordVariable(name))];
  const roles = owners.map(({ name }) => `"${name}"`).join(', ');
  const configs = [
    { name: 'databases', file: './docker/databases.sh' },
    { name: 'redis_users', file: './docker/redis-users.sh' },
    { name: 'nginx', file: './docker/nginx.conf' },
    ...[...observed.values()].flat(),
  ];
  const volumes = ['postgres', 'redis', 'razorpay-sim', 'files', 'cassandra', 's3', ...keepingWatchers(observed)];
  return `${NOTICE}# A shop on one machine with development settings: Razorpay is the simulator. \`npm run compose:secrets\` writes the secrets and passwords that
# are asked for below to \`.env\` beside this file; a password may have any characters, and stands in single quotes there.
#   docker compose up                                 the core: stores, services, the gateway on port 3000
#   docker compose --profile front up                 and nginx with TLS on 8443
#   npm run compose:secrets -- front observe s3       turns these profiles on in .env, and tells the services what they are to know of them
name: only2u

x-service: &service
  build: { context: ., args: { VERSION: "\${VERSION:-development}" } }
  image: "\${IMAGE:-only2u}:\${VERSION:-development}"
  restart: unless-stopped
  init: true
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  mem_limit: 384m
  pids_limit: 200
  networks: [inner]

x-store: &store
  restart: unless-stopped
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]

x-environment: &environment
  NODE_ENV: development
  HOST: 0.0.0.0
  PUBLIC_URL: \${PUBLIC_URL:-http://localhost:3000}
  OTEL_EXPORTER_OTLP_ENDPOINT: \${OTEL_EXPORTER_OTLP_ENDPOINT:-}
  BUS_SECRET: \${BUS_SECRET:?a secret of at least 32 characters}

x-redis-passwords: &redis-passwords
${redisPasswords.map((variable) => `  ${variable}: ${given(variable)}`).join('\n')}

services:
  postgres:
    <<: *store
    image: postgres:18.1
    user: postgres
    command: ["postgres", "-c", "max_connections=300"]
    read_only: true
    tmpfs: [/tmp, /run/postgresql]
    mem_limit: 1g
    networks: [inner]
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?a password for Postgres}
${databasePasswords.map((variable) => `      ${variable}: ${given(variable)}`).join('\n')}
    volumes: ["postgres:/var/lib/postgresql"]
    configs:
      - { source: databases, target: /docker-entrypoint-initdb.d/databases.sh, mode: 0444 }
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 2s
      retries: 60

${redisService('redis', ['--maxmemory', '512mb', '--maxmemory-policy', 'noeviction', '--appendonly', 'yes'], '640m')}
${redisService('redis-cache', ['--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru', '--save', ''], '384m')}
  razorpay-sim:
    <<: *service
    command: ["razorpay-sim", "--host", "0.0.0.0", "--port", "${checkout}", "--control-port", "${control}", "--key-id", "${sandbox.RAZORPAY_KEY_ID}", "--key-secret", "${sandbox.RAZORPAY_KEY_SECRET}", "--webhook-url", "http://gateway:3000/api/payments/webhook", "--webhook-secret", "${sandbox.RAZORPAY_WEBHOOK_SECRET}", "--ledger-file", "/ledger/ledger.json"]
    networks: [inner, edge]
    ports: ["127.0.0.1:${checkout}:${checkout}", "127.0.0.1:${control}:${control}"]
    volumes: ["razorpay-sim:/ledger"]
    healthcheck:
      test: ["CMD", "node", "docker/healthcheck.mjs"]
      interval: 5s
      retries: 24

  migrate:
    <<: *service
    restart: "no"
    command: ["migrate", ${roles}]
    environment:
      <<: *environment
${[...owners.map(ownerLines), ...(owners.some(({ cassandra }) => cassandra) ? cassandraLines : [])].join('\n')}
    healthcheck: { disable: true }
    depends_on:
      postgres: { condition: service_healthy }
      cassandra: { condition: service_healthy, required: false }

  seed:
    <<: *service
    restart: "no"
    command: ["seed", ${roles}]
    environment:
      <<: *environment
${owners.map(ownerLines).join('\n')}
    healthcheck: { disable: true }
    depends_on:
      migrate: { condition: service_completed_successfully }

${services.map(composeService).join('\n')}
${[frontService(FRONT_ADDRESS), observeServices(observed), cassandraService, s3Service].filter((text) => text !== '').join('\n')}
networks:
  # What people and providers reach, and what reaches them.
  edge:
    ipam: { config: [{ subnet: ${EDGE_SUBNET} }] }
  # Stores and services: nothing gets in from outside, or out.
  inner:
    internal: true

configs:
${configs.map(({ name, file }) => `  ${name}: { file: "${file}" }`).join('\n')}

secrets:
  front_certificate: { file: "\${FRONT_CERTIFICATE:-./.only2u/front/certificate.pem}" }
  front_key: { file: "\${FRONT_KEY:-./.only2u/front/key.pem}" }

volumes:
${volumes.map((name) => `  ${name}:`).join('\n')}
`;
}

const redisService = (name: string, settings: readonly string[], memory: string): string => `  ${name}:
    <<: *store
    image: redis:7.4.7
    user: redis
    command: ["sh", "-c", "sh /redis-users.sh > /tmp/users.acl && exec docker-entrypoint.sh redis-server --aclfile /tmp/users.acl \\"$$@\\"", "redis-server", ${settings.map((word) => `"${word}"`).join(', ')}]
    read_only: true
    mem_limit: ${memory}
    networks: [inner]
    environment:
      <<: *redis-passwords
      REDISCLI_AUTH: \${REDIS_ADMIN_PASSWORD}
    configs:
      - { source: redis_users, target: /redis-users.sh, mode: 0444 }
${name === 'redis' ? '    volumes: ["redis:/data"]\n    tmpfs: [/tmp]' : '    tmpfs: [/tmp, /data]'}
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

function composeService(service: Service): string {
  const { name, port, secrets } = service;
  const own = secrets.map((secret) => `      ${secret}: ${sandboxOf(secret)}`);
  return `  ${name}:
    <<: *service
    command: ["${name}"]
    environment:
      <<: *environment
      APP: ${name}
${needLargeYoungGeneration.includes(name) ? '' : '      NODE_OPTIONS: --max-semi-space-size=2\n'}${[...storeLines(service), ...own].map((line) => `${line}\n`).join('')}${name === 'gateway' ? `      TRUST_PROXY: \${TRUST_PROXY:-${FRONT_ADDRESS}}\n` : ''}${name === 'payment' ? `      RAZORPAY_BASE_URL: http://razorpay-sim:${checkout}\n      RAZORPAY_CHECKOUT_URL: http://localhost:${checkout}\n` : ''}${name === 'storage' ? STORED : ''}${reaching.includes(name) ? '    networks: [inner, edge]\n' : ''}    healthcheck:
      test: ["CMD", "node", "docker/healthcheck.mjs"]
      interval: 5s
      retries: 24
    depends_on:
      redis: { condition: service_healthy }
      redis-cache: { condition: service_healthy }
      seed: { condition: service_completed_successfully }
${name === 'payment' ? '      razorpay-sim: { condition: service_healthy }\n' : ''}${name === 'storage' ? '      s3: { condition: service_healthy, required: false }\n' : ''}${name === 'gateway' ? `    ports: ["127.0.0.1:${port}:${port}"]\n` : ''}`;
}

/** Pictures are decoded in memory. */
const STORED = `      STORAGE_DIR: /files
      S3_ENDPOINT: \${S3_ENDPOINT:-}
      S3_BUCKET: \${S3_BUCKET:-}
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
