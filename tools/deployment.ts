/**
 * Writes `docker-compose.yml`, `docker/nginx.conf` and `k8s/<service>.yaml` from the table of services, so that a new service is registered everywhere by its one line there.
 * `--check` fails when they are out of date.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { builtServices, type Service } from '#libs/runtime/topology';
import { composeFile, composeFront, databasesScript } from './compose.ts';
import { observedFiles } from './compose-profiles.ts';
import { kubernetesFile, migrationFile } from './kubernetes.ts';
import { nginxConfiguration } from './nginx.ts';
import { complain, say } from './progress.ts';
import { redisUsersScript } from './redis-acl.ts';

/** Every file and what it should hold. */
export function deploymentFiles(services: readonly Service[], root = cloneRoot()): ReadonlyMap<string, string> {
  return new Map([
    ['docker-compose.yml', composeFile(services, observedFiles(root))],
    ['docker/databases.sh', databasesScript(services)],
    ['docker/nginx.conf', nginxConfiguration(composeFront)],
    ['docker/redis-users.sh', redisUsersScript(services)],
    ['k8s/migrate.yaml', migrationFile(services)],
    ...services.map((service): [string, string] => [`k8s/${service.name}.yaml`, kubernetesFile(service)]),
  ]);
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
