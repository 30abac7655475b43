/** `docker-compose.yml` and what Postgres runs at its first start. */
import { needLargeYoungGeneration } from '#libs/local-stack/process-environment';
import { databaseName } from '#libs/runtime/settings';
import { databaseVariable, probePortDistance, razorpaySimulatorPorts, type Service } from '#libs/runtime/topology';

const NOTICE = '# Generated from libs/runtime/topology.ts by `npm run generate`.\n';
const { checkout, control } = razorpaySimulatorPorts;

/** `ORDER_DATABASE_PASSWORD`: the password of the login of the order service. */
const passwordVariable = (name: string): string => `${name.toUpperCase()}_DATABASE_PASSWORD`;
const withDatabase = (services: readonly Service[]): readonly Service[] => services.filter(({ database }) => database);

export function composeFile(services: readonly Service[]): string {
  const owners = withDatabase(services);
  const roles = owners.map(({ name }) => `"${name}"`).join(', ');
  return `${NOTICE}# Development settings: Razorpay is the simulator, the shop is on port 3000. Compose reads the secrets below from \`.env\` beside this file:
#   for name in BUS_SECRET POSTGRES_PASSWORD REDIS_PASSWORD ${owners.map(({ name }) => passwordVariable(name)).join(' ')}; do
#     echo "$name=$(openssl rand -hex 32)"; done > .env
#   echo "JWT_PRIVATE_KEY='$(openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256)'" >> .env
# A password stands in a URL, so other than letters and digits must be percent-encoded.
name: only2u

x-service: &service
  build: .
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
  REDIS_URL: redis://:\${REDIS_PASSWORD:?a password for Redis}@redis:6379
  REDIS_CACHE_URL: redis://:\${REDIS_PASSWORD}@redis-cache:6379

services:
  postgres:
    <<: *store
    image: postgres:18
    command: ["postgres", "-c", "max_connections=300"]
    mem_limit: 1g
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?a password for Postgres}
${owners.map(({ name }) => `      ${passwordVariable(name)}: \${${passwordVariable(name)}:?a password for the database of ${name}}`).join('\n')}
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
${owners.map(databaseLine).join('\n')}
    depends_on:
      postgres: { condition: service_healthy }

  seed:
    <<: *service
    restart: "no"
    command: ["seed", ${roles}]
    environment:
      <<: *environment
${owners.map(databaseLine).join('\n')}
    depends_on:
      migrate: { condition: service_completed_successfully }

${services.map(composeService).join('\n')}
volumes:
  postgres:
  redis:
  razorpay-sim:
`;
}

const redisService = (name: string, settings: readonly string[], memory: string): string => `  ${name}:
    <<: *store
    image: redis:7
    command: ["redis-server", "--requirepass", "\${REDIS_PASSWORD}", ${settings.map((word) => `"${word}"`).join(', ')}]
    read_only: true
    mem_limit: ${memory}
    environment: { REDISCLI_AUTH: "\${REDIS_PASSWORD}" }
    ${name === 'redis' ? 'volumes: ["redis:/data"]' : 'tmpfs: [/data]'}
    healthcheck:
      test: ["CMD-SHELL", "redis-cli ping | grep -q PONG"]
      interval: 2s
      retries: 60
`;

const databaseLine = ({ name }: Service): string =>
  `      ${databaseVariable(name)}: postgres://${databaseName('only2u', name)}:\${${passwordVariable(name)}}@postgres:5432/${databaseName('only2u', name)}`;

function composeService(service: Service): string {
  const { name, port, database, secrets } = service;
  const own = secrets.map((secret) => `      ${secret}: ${sandboxOf(secret)}`);
  return `  ${name}:
    <<: *service
    command: ["${name}"]
    environment:
      <<: *environment
      APP: ${name}
${needLargeYoungGeneration.includes(name) ? '' : '      NODE_OPTIONS: --max-semi-space-size=2\n'}${[...(database ? [databaseLine(service)] : []), ...own].map((line) => `${line}\n`).join('')}${name === 'payment' ? `      RAZORPAY_BASE_URL: http://razorpay-sim:${checkout}\n      RAZORPAY_CHECKOUT_URL: http://localhost:${checkout}\n` : ''}    healthcheck:
      test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:${port + probePortDistance}/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
      interval: 5s
      retries: 24
    depends_on:
      redis: { condition: service_healthy }
      redis-cache: { condition: service_healthy }
      seed: { condition: service_completed_successfully }
${name === 'payment' ? '      razorpay-sim: { condition: service_healthy }\n' : ''}${name === 'gateway' ? `    ports: ["127.0.0.1:${port}:${port}"]\n` : ''}`;
}

/** Secrets of the simulator, which guard nothing. */
const sandbox = {
  RAZORPAY_KEY_ID: 'rzp_test_only2ucompose',
  RAZORPAY_KEY_SECRET: 'compose-sandbox-key-secret',
  RAZORPAY_WEBHOOK_SECRET: 'compose-sandbox-webhook-secret',
};

/** All other secrets come from the shell or `.env`. */
function sandboxOf(secret: string): string {
  const value = Object.entries(sandbox).find(([name]) => name === secret)?.[1];
  return value ?? (secret.endsWith('_PREVIOUS') ? `\${${secret}:-}` : `\${${secret}:?see docs/environment.md}`);
}

export function databasesScript(services: readonly Service[]): string {
  const owners = withDatabase(services).map(({ name }) => ({ role: databaseName('only2u', name), password: passwordVariable(name) }));
  return `#!/bin/sh
${NOTICE}# Runs once, in an empty Postgres: a database and a login with a password of its own for each service.
set -e
psql -v ON_ERROR_STOP=1 --username postgres ${owners.map(({ role, password }) => `-v ${role}="$${password}"`).join(' ')} <<SQL
${owners
  .map(
    ({ role }) => `  CREATE ROLE ${role} LOGIN PASSWORD :'${role}';
  CREATE DATABASE ${role} OWNER ${role};
  REVOKE ALL ON DATABASE ${role} FROM PUBLIC;`,
  )
  .join('\n')}
SQL
`;
}
