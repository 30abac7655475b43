import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '#libs/runtime/topology';

/** A service reduced to what the stack sees of one: it listens, says that it is ready, and dies on `/die` or while its `broken` file is there. */
const service = `
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
if (existsSync(new URL('broken', import.meta.url))) throw new Error('this service is broken');
const usual = { gateway: 3000, auth: 3001, order: 3003 };
const port = Number(process.env.PORT ?? usual[process.env.APP] + Number(process.env.PORT_OFFSET));
const answer = (request, response) => {
  if (request.url === '/die') process.exit(3);
  response.end(request.url === '/environment' ? JSON.stringify(process.env) : 'ready');
};
createServer(answer).listen(port, '127.0.0.1');
createServer(answer).listen(Number(process.env.PROBE_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
`;

const migrate = "console.log('migrated ' + process.argv.slice(2).join());";
const seed = "process.send({ logins: [{ role: 'admin', login: 'admin@example.com', password: 'generated' }] }); process.disconnect();";

/** A clone whose services do nothing, built, for tests of the stack itself. */
export function stubClone(names: readonly ServiceName[] = ['gateway', 'auth', 'order']): string {
  const root = mkdtempSync(join(tmpdir(), 'only2u-clone-'));
  const files = {
    'package.json': '{ "name": "only2u", "type": "module" }',
    'dist/libs/runtime/migrate.js': migrate,
    'dist/libs/runtime/seed.js': seed,
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`apps/${name}/src/main.ts`, ''],
        [`dist/apps/${name}/src/main.js`, service],
      ]),
    ),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
