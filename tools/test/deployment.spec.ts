import { expect, it } from 'vitest';
import { services } from '#libs/runtime/topology';
import { deploymentFiles } from '../deployment.ts';

const files = deploymentFiles(services);
const kubernetes = [...files].filter(([file]) => file.startsWith('k8s/'));

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
  expect(files.get('k8s/migrate.yaml')).not.toContain('RAZORPAY');
});

it('compose mounts nothing of the clone but the script that makes databases, whose logins have passwords of their own', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  expect(compose.match(/\.\/[^:"\s]+/g)).toEqual(['./docker/databases.sh']);
  for (const { name, database } of services) {
    if (database) expect(compose).toContain(`:\${${name.toUpperCase()}_DATABASE_PASSWORD}@postgres:5432/only2u_${name}`);
  }
});

it('every container of compose that stays up has a health check, a limit of memory and a restart rule', () => {
  const compose = files.get('docker-compose.yml') ?? '';
  const blocks = compose
    .slice(compose.indexOf('\nservices:'), compose.indexOf('\nvolumes:'))
    .split(/\n(?= {2}[a-z-]+:\n)/)
    .slice(1);
  expect(blocks.length).toBe(services.length + 6);
  for (const block of blocks) {
    const staysUp = !block.includes('restart: "no"');
    if (staysUp) expect(block, block.split('\n', 1)[0]).toContain('healthcheck:');
    expect(/<<: \*(service|store)/.test(block), block).toBe(true);
    expect(block.includes('<<: *service') || block.includes('mem_limit:'), block).toBe(true);
  }
});
