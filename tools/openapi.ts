/**
 * Writes the OpenAPI document and the client's types from the contracts: `libs/client/openapi.json` and `libs/client/schema.ts`. `--check` only says
 * whether they are fresh. The contracts have decorators, which Node cannot strip, so the compiled gateway prints it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { build } from './build.ts';

const root = join(import.meta.dirname, '..');
const files = { document: join(root, 'libs/client/openapi.json'), types: join(root, 'libs/client/schema.ts') };

await build(root);
const document = execFileSync(process.execPath, [join(root, 'dist/apps/gateway/src/print-openapi.js')], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const types = `/** Generated from the contracts by \`npm run generate\`. */\n${astToString(await openapiTypescript(JSON.parse(document)))}`;

if (process.argv.includes('--check')) {
  const stale = [
    [files.document, document],
    [files.types, types],
  ].filter(([file, content]) => !existsSync(file as string) || readFileSync(file as string, 'utf8') !== content);
  for (const [file] of stale) process.stderr.write(`${file}: is not what the contracts say; run npm run generate\n`);
  process.exit(stale.length > 0 ? 1 : 0);
}
writeFileSync(files.document, document);
writeFileSync(files.types, types);
