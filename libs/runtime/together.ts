import { existsSync } from 'node:fs';
import { servicesOf } from './settings.ts';

/**
 * `APP=all node dist/libs/runtime/together.js`: the services that APP names as one process. Each starts as it does alone; found by its name,
 * not imported: libraries do not know apps. All at once, because each waits until auth has answered it.
 */
const mains = servicesOf(process.env.APP)
  .map((name) => new URL(`../../apps/${name}/src/main.js`, import.meta.url))
  .filter((file) => existsSync(file));
if (mains.length === 0) {
  process.stderr.write('together: APP must be all, or names of services separated by commas\n');
  process.exit(2);
}
await Promise.all(mains.map((file) => import(file.href)));
