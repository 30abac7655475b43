import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';
import { redisUserLines, redisUsers } from '#libs/runtime/redis-users';
import { serviceNames, services } from '#libs/runtime/topology';
import { completed } from '../compose-secrets.ts';
import { deploymentFiles } from '../deployment.ts';
import { redisPasswordVariable } from '../redis-acl.ts';

const files = deploymentFiles(services);
const kubernetes = [...files].filter(([file]) => file.startsWith('k8s/'));

/** The containers of compose. */
function composeBlocks(): string[] {
  const compose = files.get('docker-compose.yml') ?? '';
  return compose
    .slice(compose.indexOf('\nservices:'), compose.indexOf('\nnetworks:'))
    .split(/\n(?= {2}[a-z0-9-]+:\n)/)
    .slice(1);
}

const composeBlock = (name: string): string => composeBlocks().find((block) => block.startsWith(`  ${name}:\n`)) ?? '';

it.each(kubernetes)('%s has what Pod Security "restricted" asks of a pod and of each of its containers', (_, content) => {
  expect(content).toMatch(/ {6}securityContext: \{ runAsNonRoot: true, .*seccompProfile: \{ type: RuntimeDefault \} \}/);
  const containers = content.match(/^ {8}- name: /gm)?.length ?? 0;
  const secured = content.match(/^ {10}securityContext: \{ allowPrivilegeEscalation: false, .*capabilities: \{ drop: \[ALL\] \} \}$/gm);
  expect(secured).toHaveLength(containers);
  expect(content).not.toContain('initContainers');
});

it('a secret goes by its key to the processes that need it, and the migration gets databases alone', () => {
  expect(files.get('k8s/auth.yaml')).toContain('secretKeyRef: { name: only2u-auth, key: JWT_PRIVATE_KEY }');
  expect(files.get('k8s/order.yaml')).not.toContain('JWT_PRIVATE_KEY');
  expect(files.get('k8s/migrate.yaml')).toContain('secretKeyRef: { name: only2u-order, key: ORDER_DATABASE_URL }');
  expect(files.get('k8s/migrate.yaml')).toContain('secretKeyRef: { name: only2u-migrate, key: ORDER_MIGRATION_DATABASE_URL }');
  expect(files.get('k8s/migrate.yaml')).not.toMatch(/RAZORPAY|JWT|REDIS/);
});

it('no process of a service is given a login that owns tables, or runs migrations', () => {
  for (const { name } of services) {
    expect(files.get(`k8s/${name}.yaml`)).not.toMatch(/migrat/i);
    expect(composeBlock(name)).not.toMatch(/_owner|MIGRATION|"migrate"/);
  }
  expect(composeBlock('migrate')).toContain('ORDER_MIGRATION_DATABASE_URL: postgres://only2u_order_owner@postgres:5432/only2u_order\n');
  expect(composeBlock('migrate')).not.toMatch(/ ORDER_DATABASE_PASSWORD/);
});

it('a service is given its own logins at the stores, and no other’s', () => {
  for (const { name, database } of services) {
    const [block, pod] = [composeBlock(name), files.get(`k8s/${name}.yaml`) ?? ''];
    expect(block).toContain(`REDIS_BUS_URL: redis://only2u_${name}@redis:6379\n`);
    expect(block).toContain(`REDIS_PASSWORD: \${${name.toUpperCase()}_REDIS_PASSWORD}\n`);
    expect(new Set(block.match(/only2u_[a-z]+/g))).toEqual(new Set([`only2u_${name}`]));
    expect(pod).toContain(`secretKeyRef: { name: only2u-${name}, key: REDIS_BUS_URL }`);
    expect(pod).toContain(`secretKeyRef: { name: only2u-${name}, key: REDIS_PASSWORD, optional: true }`);
    expect(new Set(pod.match(/secretKeyRef: \{ name: [a-z0-9-]+/g))).toEqual(
      new Set(['bus', name].map((own) => `secretKeyRef: { name: only2u-${own}`)),
    );
    if (database) expect(pod).toContain(`key: ${name.toUpperCase()}_DATABASE_PASSWORD, optional: true`);
  }
});

it('no password stands in a file or in a URL: each has a variable of its own', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  expect(compose).not.toMatch(/(redis|postgres):\/\/[^@\s]*:[^@\s]*@/);
  const asked = [...compose.matchAll(/^ {2,6}([A-Z_]+_PASSWORD): \$\{([A-Z_]+):\?/gm)].map(([, name, from]) => [name, from]);
  const databases = services.filter(({ database }) => database).length;
  // An admin and a login of each service at Redis, a superuser and two logins of each database at Postgres.
  expect(asked.filter(([name]) => name !== 'GF_SECURITY_ADMIN_PASSWORD')).toHaveLength(1 + services.length + 1 + 2 * databases);
  for (const [name, from] of asked) expect(from).toBe(name === 'GF_SECURITY_ADMIN_PASSWORD' ? 'GRAFANA_ADMIN_PASSWORD' : name);
});

it('the script of Redis’ users prints the rules that the code has, with passwords of any characters and with another prefix', () => {
  const passwordOf = (name: string): string => `p@ss/w:rd#1 $HOME "\\ 'of' ${name} %41`;
  const passwords = Object.fromEntries(services.map(({ name }) => [redisPasswordVariable(name), passwordOf(name)]));
  const print = (env: Record<string, string>) =>
    spawnSync('sh', ['-c', files.get('docker/redis-users.sh') ?? ''], { env: { PATH: process.env.PATH ?? '', ...env }, encoding: 'utf8' });
  for (const prefix of ['only2u', 'other']) {
    const { stdout, stderr } = print({ ...passwords, REDIS_ADMIN_PASSWORD: 'of the operator', REDIS_PREFIX: prefix });
    expect(stderr).toBe('');
    const [first, ...lines] = stdout.trimEnd().split('\n');
    expect(first).toMatch(/^user default on #[0-9a-f]{64} ~\* &\* \+@all$/);
    expect(lines).toEqual(redisUserLines(redisUsers(prefix, serviceNames), passwordOf));
  }
  const { COUPON_REDIS_PASSWORD: _missing, ...others } = passwords;
  expect(print({ ...others, REDIS_ADMIN_PASSWORD: 'of the operator' })).toMatchObject({
    stdout: expect.not.stringContaining('only2u_coupon'),
    stderr: expect.stringContaining('COUPON_REDIS_PASSWORD'),
  });
});

it('each database gets a login that owns it and one that may only enter it, and every password comes from the environment', () => {
  const script = files.get('docker/databases.sh') ?? '';
  for (const { name } of services.filter(({ database }) => database)) {
    expect(script).toContain(`CREATE DATABASE only2u_${name} OWNER only2u_${name}_owner;`);
    expect(script).toContain(
      `REVOKE ALL ON DATABASE only2u_${name} FROM PUBLIC;\nGRANT CONNECT ON DATABASE only2u_${name} TO only2u_${name};`,
    );
    expect(script).toContain(`\\getenv only2u_${name} ${name.toUpperCase()}_DATABASE_PASSWORD\n`);
    expect(script).toContain(`\\getenv only2u_${name}_owner ${name.toUpperCase()}_MIGRATION_DATABASE_PASSWORD\n`);
  }
});

it('compose mounts nothing of the clone: what containers read comes by configs, one file each, that exist', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  for (const block of composeBlocks()) expect(block).not.toMatch(/["\s]\.{1,2}\//);
  const declared = [...compose.matchAll(/^ {2}(\w+): \{ file: "\.\/([^"]+)" \}$/gm)].map(([, name = '', file = '']) => ({ name, file }));
  expect(declared.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['docker/databases.sh', 'docker/redis-users.sh', 'docker/nginx.conf']),
  );
  for (const { name, file } of declared) {
    expect(existsSync(join(cloneRoot(), file)), file).toBe(true);
    expect(compose, name).toContain(`{ source: ${name}, target: `);
  }
  const used = [...compose.matchAll(/\{ source: (\w+), target: /g)].map(([, name = '']) => name);
  expect(new Set(used)).toEqual(new Set(declared.map(({ name }) => name)));
  // Where Prometheus and Grafana look for them.
  const provider = readFileSync(join(cloneRoot(), 'observe', 'grafana', 'provisioning', 'dashboards', 'only2u.yml'), 'utf8');
  const dashboards = /path: (\S+)/.exec(provider)?.[1];
  expect(composeBlock('grafana')).toContain(`target: "${dashboards}/only2u-overview.json"`);
  for (const name of ['prometheus.yml', 'rules/causes.yml', 'targets/only2u.yml'])
    expect(composeBlock('prometheus')).toContain(`target: "/etc/prometheus/${name}"`);
});

it('compose runs every process of ours from one image, and names an exact version of every other', () => {
  const images = composeBlocks().flatMap((block) => block.match(/^ {4}image: .*$/gm) ?? []);
  expect(images.length).toBeGreaterThan(5);
  for (const image of images) expect(image).toMatch(/^ {4}image: [a-z0-9./-]+:v?\d+\.\d+(\.\d+)?$/);
  const ours = composeBlocks().filter((block) => block.includes('<<: *service'));
  expect(ours.length).toBe(services.length + 3);
  for (const block of ours) expect(block).not.toMatch(/^ {4}(image|build):/m);
});

it('compose has a network that reaches nothing, and only what people or providers meet is on the other', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  expect(compose).toMatch(/^ {2}inner:\n {4}internal: true$/m);
  for (const block of composeBlocks()) {
    const name = block.trim().split(':', 1)[0] ?? '';
    const isOutside = /networks: \[inner, edge\]|^ {6}edge: /m.test(block);
    if (block.includes('    ports:')) expect(isOutside, name).toBe(true);
    if (/^(postgres|redis|redis-cache|cassandra|s3|auth|order|cart|migrate|seed)$/.test(name)) expect(isOutside, name).toBe(false);
    expect(block.includes('ports: ["127.0.0.1:') || !block.includes('ports:'), name).toBe(true);
  }
  expect(composeBlock('front')).not.toContain('inner');
  expect(composeBlock('gateway')).toMatch(/ TRUST_PROXY: \$\{TRUST_PROXY:-(172\.30\.77\.10)\}\n/);
  expect(composeBlock('front')).toContain('ipv4_address: 172.30.77.10');
});

it('every container of compose drops all rights and has a root that cannot be written, Cassandra’s aside', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  for (const anchor of ['x-service: &service', 'x-store: &store']) {
    const block = compose.slice(compose.indexOf(anchor)).split('\n\n', 1)[0] ?? '';
    expect(block).toContain('cap_drop: [ALL]');
    expect(block).toContain('no-new-privileges:true');
  }
  const writable = composeBlocks().filter((block) => !block.includes('read_only: true') && !block.includes('<<: *service'));
  expect(writable.map((block) => block.trim().split(':', 1)[0])).toEqual(['cassandra']);
  expect(compose).not.toMatch(/cap_add|privileged: true|network_mode|\/var\/run\/docker\.sock/);
});

it('the secrets of compose are drawn once, each of its own, and what is there stays', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  const valueIn = (env: string, name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(env)?.[1];
  const first = completed("ORDER_DATABASE_PASSWORD='p@ss/w:rd#1'\nPUBLIC_URL=http://old\n", compose, ['front', 's3']);
  const asked = new Set([...compose.matchAll(/\$\{([A-Z0-9_]+):\?/g)].map(([, name = '']) => name));
  const values = [...asked].map((name) => valueIn(first, name));
  expect(values).not.toContain(undefined);
  expect(new Set([...asked].filter((name) => name !== 'JWT_PRIVATE_KEY').map((name) => valueIn(first, name))).size).toBe(asked.size - 1);
  expect(valueIn(first, 'ORDER_DATABASE_PASSWORD')).toBe("'p@ss/w:rd#1'");
  expect(valueIn(first, 'PUBLIC_URL')).toBe('https://localhost:8443');
  expect(valueIn(first, 'COMPOSE_PROFILES')).toBe('front,s3');
  expect(completed(first, compose, [])).toBe(first);
  expect(valueIn(completed(first, compose, ['observe']), 'COMPOSE_PROFILES')).toBe('observe');
});

const checker = process.env.COMPOSE_CHECK;
it.skipIf(!checker)('compose’s own library reads the file, with every profile', () => {
  const env = parseEnv(completed('', files.get('docker-compose.yml') ?? '', [])) as Record<string, string>;
  const COMPOSE_PROFILES = 'front,observe,cassandra,s3';
  const { status, stdout, stderr } = spawnSync(checker ?? '', ['docker-compose.yml'], {
    cwd: cloneRoot(),
    env: { PATH: process.env.PATH ?? '', COMPOSE_PROFILES, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  });
  expect([status, stderr]).toEqual([0, '']);
  const model = JSON.parse(stdout) as { services: Record<string, { networks: object }> };
  expect(Object.keys(model.services)).toEqual(expect.arrayContaining(['front', 'gateway', 'cassandra', 's3', ...serviceNames]));
});

it('the image says which release it is, and the edge is told of the proxies before it', () => {
  expect(readFileSync(join(cloneRoot(), 'Dockerfile'), 'utf8')).toMatch(/^ARG VERSION=development\nENV .*VERSION=\$VERSION$/m);
  expect(files.get('docker-compose.yml')).toMatch(/args: \{ VERSION: "\$\{VERSION:-development\}" \}/);
  expect(files.get('k8s/gateway.yaml')).toContain('configMapKeyRef: { name: only2u, key: TRUST_PROXY }');
});

it('every container of compose that stays up has a health check, a limit of memory and a restart rule', () => {
  const blocks = composeBlocks();
  expect(blocks.length).toBeGreaterThanOrEqual(services.length + 9);
  for (const block of blocks) {
    const staysUp = !block.includes('restart: "no"');
    // The collector's image has nothing that could ask it.
    if (staysUp && !block.startsWith('  otel-collector:')) expect(block, block.split('\n', 1)[0]).toContain('healthcheck:');
    expect(/<<: \*(service|store)/.test(block), block).toBe(true);
    expect(block.includes('<<: *service') || block.includes('mem_limit:'), block).toBe(true);
  }
});
