/** Writes `docs/errors.md` from the OpenAPI document: every code, its status, and the operations that answer it. `--check` fails when it is out of date. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { build } from './build.ts';
import { complain } from './progress.ts';

interface Document {
  readonly paths: Record<string, Record<string, { summary: string; responses: Record<string, { description: string }> }>>;
}

const root = cloneRoot();
const file = join(root, 'docs', 'errors.md');
await build(root);
const document: Document = JSON.parse(
  execFileSync(process.execPath, [join(root, 'dist/apps/gateway/src/print-openapi.js')], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
);

const uses = new Map<string, { status: string; routes: string[] }>();
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, { responses }] of Object.entries(methods)) {
    for (const [status, { description }] of Object.entries(responses)) {
      for (const [, code] of description.matchAll(/`([a-z_.]+)`/g)) {
        const use = uses.get(code as string) ?? { status, routes: [] };
        use.routes.push(`${method.toUpperCase()} ${path}`);
        uses.set(code as string, use);
      }
    }
  }
}
const isCommon = (code: string): boolean => !code.includes('.');
const row = ([code, { status, routes }]: [string, { status: string; routes: string[] }]): string =>
  `| \`${code}\` | ${status} | ${isCommon(code) ? `${routes.length} routes` : routes.map((route) => `\`${route}\``).join(', ')} |`;
const sorted = [...uses].sort(([a], [b]) => Number(isCommon(b)) - Number(isCommon(a)) || a.localeCompare(b));
const content = `<!-- Generated from the contracts by npm run generate. -->
# Error codes

Every error is an RFC 9457 problem document (\`application/problem+json\`) with a stable \`code\`. 503 and 504 carry \`retryable: true\` and \`Retry-After\`.

| code | status | answered by |
|---|---|---|
${sorted.map(row).join('\n')}
`;

if (process.argv.includes('--check')) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== content) {
    complain('docs/errors.md is not what the contracts say; run npm run generate');
    process.exitCode = 1;
  }
} else writeFileSync(file, content);
