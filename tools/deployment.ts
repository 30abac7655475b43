/**
 * Writes `docker-compose.yml` and `k8s/<service>.yaml` from the table of services, so that a new service is registered everywhere by its one line there.
 * `--check` fails when they are out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { databaseName } from '#libs/runtime/settings';
import {
  builtServices,
  databaseVariable,
  probePortDistance,
  razorpaySimulatorPorts,
  redisVariable,
  type Service,
} from '#libs/runtime/topology';
import { complain, say } from './progress.ts';

const NOTICE = '# Generated from libs/runtime/topology.ts by `npm run generate`.\n';

/** Every file and what it should hold. */
export function deploymentFiles(services: readonly Service[]): ReadonlyMap<string, string> {
  return new Map([
    ['docker-compose.yml', composeFile(services)],
    ['docker/databases.sh', databasesScript(services)],
    ...services.map((service): [string, string] => [`k8s/${service.name}.yaml`, kubernetesFile(service)]),
  ]);
}

function composeFile(services: readonly Service[]): string {
  const withDatabase = services.filter(({ database }) => database);
  return `${NOTICE}# \`BUS_SECRET=… JWT_PRIVATE_KEY="$(cat key.pem)" POSTGRES_PASSWORD=… docker compose up\`; the shop is on port 3000. Development settings: Razorpay is the simulator.
name: only2u

x-service: &service
  build: .
  image: only2u
  restart: unless-stopped
  init: true

x-environment: &environment
  NODE_ENV: development
  HOST: 0.0.0.0
  PUBLIC_URL: http://localhost:3000
  BUS_SECRET: \${BUS_SECRET:?a secret of at least 32 characters}
  REDIS_URL: redis://redis:6379
  REDIS_CACHE_URL: redis://redis-cache:6379

services:
  postgres:
    image: postgres:18
    command: ["postgres", "-c", "max_connections=300"]
    environment:
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD:?a password for Postgres}
    volumes:
      - postgres:/var/lib/postgresql
      - ./docker/databases.sh:/docker-entrypoint-initdb.d/databases.sh:ro
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1 -U postgres"]
      interval: 2s
      retries: 60

  redis:
    image: redis:7
    command: ["redis-server", "--maxmemory-policy", "noeviction", "--appendonly", "yes"]

  redis-cache:
    image: redis:7
    command: ["redis-server", "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru", "--save", ""]

  razorpay-sim:
    image: node:24-bookworm-slim
    working_dir: /app
    volumes: ["./:/app:ro"]
    command: ["node", "--conditions=source", "doubles/razorpay/main.ts", "--host", "0.0.0.0", "--port", "${razorpaySimulatorPorts.checkout}", "--control-port", "${razorpaySimulatorPorts.control}", "--key-id", "rzp_test_only2ucompose", "--key-secret", "compose-sandbox-key-secret", "--webhook-url", "http://gateway:3000/api/payments/webhook", "--webhook-secret", "compose-sandbox-webhook-secret"]
    ports: ["127.0.0.1:${razorpaySimulatorPorts.checkout}:${razorpaySimulatorPorts.checkout}", "127.0.0.1:${razorpaySimulatorPorts.control}:${razorpaySimulatorPorts.control}"]

  migrate:
    <<: *service
    restart: "no"
    command: ["migrate", ${withDatabase.map(({ name }) => `"${name}"`).join(', ')}]
    environment:
      <<: *environment
${withDatabase.map(databaseLine).join('\n')}
    depends_on:
      postgres: { condition: service_healthy }

  seed:
    <<: *service
    restart: "no"
    command: ["seed", ${withDatabase.map(({ name }) => `"${name}"`).join(', ')}]
    environment:
      <<: *environment
${withDatabase.map(databaseLine).join('\n')}
    depends_on:
      migrate: { condition: service_completed_successfully }

${services.map(composeService).join('\n')}
volumes:
  postgres:
`;
}

const databaseLine = ({ name }: Service): string =>
  `      ${databaseVariable(name)}: postgres://${databaseName('only2u', name)}:\${POSTGRES_PASSWORD}@postgres:5432/${databaseName('only2u', name)}`;

function composeService(service: Service): string {
  const { name, port, database, secrets } = service;
  const own = secrets.map((secret) => `      ${secret}: ${sandboxOf(secret)}`);
  return `  ${name}:
    <<: *service
    command: ["${name}"]
    environment:
      <<: *environment
      APP: ${name}
${[...(database ? [databaseLine(service)] : []), ...own].map((line) => `${line}\n`).join('')}${name === 'payment' ? `      RAZORPAY_BASE_URL: http://razorpay-sim:${razorpaySimulatorPorts.checkout}\n      RAZORPAY_CHECKOUT_URL: http://localhost:${razorpaySimulatorPorts.checkout}\n` : ''}    healthcheck:
      test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:${port + probePortDistance}/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
      interval: 5s
      retries: 24
    depends_on:
      redis: { condition: service_started }
      redis-cache: { condition: service_started }
      seed: { condition: service_completed_successfully }
${name === 'gateway' ? `    ports: ["127.0.0.1:${port}:${port}"]\n` : ''}`;
}

/** Secrets come from the shell; only those of the simulator, which guard nothing, have a value here. */
function sandboxOf(secret: string): string {
  const sandbox: Record<string, string> = {
    RAZORPAY_KEY_ID: 'rzp_test_only2ucompose',
    RAZORPAY_KEY_SECRET: 'compose-sandbox-key-secret',
    RAZORPAY_WEBHOOK_SECRET: 'compose-sandbox-webhook-secret',
  };
  if (sandbox[secret] !== undefined) return sandbox[secret];
  return secret.endsWith('_PREVIOUS') ? `\${${secret}:-}` : `\${${secret}:?see docs/environment.md}`;
}

function databasesScript(services: readonly Service[]): string {
  const statements = services
    .filter(({ database }) => database)
    .map(({ name }) => databaseName('only2u', name))
    .map(
      (name) =>
        `  CREATE ROLE ${name} LOGIN PASSWORD :'password';\n  CREATE DATABASE ${name} OWNER ${name};\n  REVOKE ALL ON DATABASE ${name} FROM PUBLIC;`,
    );
  return `#!/bin/sh
${NOTICE}# Runs once, in an empty Postgres: a database and a login for each service.
set -e
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" --username postgres <<SQL
${statements.join('\n')}
SQL
`;
}

function kubernetesFile({ name, port, database, redis, secrets }: Service): string {
  const fromSecret = (variable: string, optional = false): string =>
    `            - name: ${variable}\n              valueFrom: { secretKeyRef: { name: only2u-${name}, key: ${variable}${optional ? ', optional: true' : ''} } }`;
  const variables = [...(database ? [databaseVariable(name)] : []), ...secrets];
  const environment = [
    `            - { name: APP, value: ${name} }`,
    '            - name: POD_IP\n              valueFrom: { fieldRef: { fieldPath: status.podIP } }',
    ...variables.map((variable) => fromSecret(variable, variable.endsWith('_PREVIOUS'))),
    ...redis.map(
      (role) =>
        `            - name: ${redisVariable(role)}\n              valueFrom: { secretKeyRef: { name: only2u-redis, key: ${redisVariable(role)} } }`,
    ),
  ].join('\n');
  const migration = database
    ? `      initContainers:
        - name: migrate
          image: only2u
          args: ["migrate", "${name}"]
          envFrom: [{ configMapRef: { name: only2u } }, { secretRef: { name: only2u-bus } }]
          env:
${environment}
`
    : '';
  return `${NOTICE}# Secrets: only2u-bus (BUS_SECRET), only2u-redis (a URL a role), only2u-${name} (${variables.join(', ') || 'none'}). Settings: ConfigMap only2u.
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 30
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
${migration}      containers:
        - name: ${name}
          image: only2u
          args: ["${name}"]
          ports: [{ name: http, containerPort: ${port} }, { name: probes, containerPort: ${port + probePortDistance} }]
          envFrom: [{ configMapRef: { name: only2u } }, { secretRef: { name: only2u-bus } }]
          env:
${environment}
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          livenessProbe: { httpGet: { path: /health/live, port: probes }, periodSeconds: 10, failureThreshold: 3 }
          readinessProbe: { httpGet: { path: /health/ready, port: probes }, periodSeconds: 2, failureThreshold: 2 }
          startupProbe: { httpGet: { path: /health/live, port: probes }, periodSeconds: 2, failureThreshold: 30 }
          resources: { requests: { cpu: 100m, memory: 160Mi }, limits: { memory: 384Mi } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name} }
spec: { minAvailable: 1, selector: { matchLabels: { app: ${name} } } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: ${port}, targetPort: http }] }
`;
}

if (import.meta.main) {
  const root = cloneRoot();
  const files = deploymentFiles(builtServices(root));
  const surplus = existsSync(join(root, 'k8s'))
    ? readdirSync(join(root, 'k8s')).filter((file) => file.endsWith('.yaml') && !files.has(`k8s/${file}`))
    : [];
  if (process.argv.includes('--check')) {
    const stale = [...files]
      .filter(([file, content]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== content)
      .map(([file]) => file);
    for (const file of [...stale, ...surplus.map((name) => `k8s/${name}`)])
      complain(`${file} is not what libs/runtime/topology.ts says; run npm run generate`);
    process.exitCode = stale.length + surplus.length > 0 ? 1 : 0;
  } else {
    for (const folder of ['docker', 'k8s']) mkdirSync(join(root, folder), { recursive: true });
    for (const file of surplus) rmSync(join(root, 'k8s', file));
    for (const [file, content] of files) writeFileSync(join(root, file), content);
    say(`${files.size} files`);
  }
}
