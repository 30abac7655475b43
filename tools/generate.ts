/** `npm run generate`: writes what follows from the contracts, the table of services and the declared variables. `npm run check` refuses stale ones. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { helpOnly } from './help.ts';
import { phaseDone } from './progress.ts';

helpOnly(`npm run generate

Writes docs/{environment,errors,routes,events,retention}.md, docker-compose.yml, docker/, k8s/, observe/ and libs/client/ from the contracts, the table of services,
the declared variables and the definitions of alerts.`);

// Compose lists the files of observe/.
for (const tool of ['environment.ts', 'observability.ts', 'deployment.ts', 'openapi.ts', 'error-codes.ts', 'maps.ts', 'retention.ts']) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, ['--conditions=source', join(import.meta.dirname, tool)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  phaseDone(tool, (performance.now() - began) / 1_000);
}
