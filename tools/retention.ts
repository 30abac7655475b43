/** Writes `docs/retention.md` from what each service declares beside its migrations. `--check` fails when it is out of date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Retention, type Rule, rulesOf, sharedRetention } from '#libs/persistence/retention';
import { cloneRoot } from '#libs/runtime/project-root';
import { services } from '#libs/runtime/topology';
import { complain } from './progress.ts';

const root = cloneRoot();
const file = join(root, 'docs', 'retention.md');

function termOf(service: string, rule: Rule): string {
  if ('keptForever' in rule) return 'for good';
  if ('keptUntil' in rule) return `until ${rule.keptUntil}`;
  if ('removedBy' in rule) {
    const { keptFor, removedBy } = rule;
    return `${keptFor} ([statement of its own](../apps/${service}/${removedBy.endsWith('()') ? 'migrations' : removedBy}))`;
  }
  if ('until' in rule) return `${rule.keptFor}, which is \`${rule.until}\``;
  return `${rule.keptFor} after \`${rule.since}\`${rule.where === undefined ? '' : `, where \`${rule.where}\``}`;
}

const tableOf = (service: string, retention: Retention): string => `| table | kept | why |
|---|---|---|
${rulesOf(retention)
  .map(
    ({ table, rows, rule }) =>
      `| \`${table}\`${rows === undefined ? '' : `: ${rows}`} | ${termOf(service, rule)} | ${'why' in rule ? rule.why : rule.keptForever} |`,
  )
  .join('\n')}
`;

const sections: string[] = [];
for (const { name } of services.filter(({ database }) => database)) {
  const declaration = `apps/${name}/migrations/${name}.retention.ts`;
  const { retention } = (await import(join(root, declaration))) as { retention: Retention };
  sections.push(`## ${name}

From [${name}.retention.ts](../${declaration}).

${tableOf(name, retention)}`);
}

const content = `<!-- Generated from apps/*/migrations/*.retention.ts by npm run generate. -->
# How long each table keeps its rows

Rows go in batches of a thousand, in background rounds of every replica; whoever comes second finds nothing left. \`only2u_table_rows\` and
\`only2u_table_bytes\` tell how large each table is.

## In every service

From [retention.ts](../libs/persistence/retention.ts).

${tableOf('', sharedRetention)}
${sections.join('\n')}`;

if (!process.argv.includes('--check')) writeFileSync(file, content);
else if (!existsSync(file) || readFileSync(file, 'utf8') !== content) {
  complain('docs/retention.md is not what the services declare; run npm run generate');
  process.exitCode = 1;
}
