/** `npm run generate`: writes what follows from the contracts, the table of services and the declared variables. `npm run check` refuses stale ones. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { phaseDone } from './progress.ts';

for (const tool of ['environment.ts', 'deployment.ts', 'openapi.ts', 'error-codes.ts']) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, ['--conditions=source', join(import.meta.dirname, tool)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  phaseDone(tool, (performance.now() - began) / 1_000);
}
