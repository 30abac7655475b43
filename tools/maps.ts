/** Writes `docs/routes.md` and `docs/events.md` from the contracts. `--check` fails when they are out of date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { type ContractMap, readContractMap } from './contract-map.ts';
import { complain, explain } from './progress.ts';

const NOTICE = '<!-- Generated from the contracts by npm run generate. -->';
const link = (file: string): string => `[${file.replace(/^(apps|libs\/contracts)\//, '')}](../${file})`;

function routesPage({ operations }: ContractMap): string {
  const rows = operations.map(
    ({ key, method, path, access, lane, handler }) =>
      `| ${path === undefined ? 'between services' : `\`${method} ${path}\``} | \`${key}\` | ${access} | ${lane} | ${link(handler)} |`,
  );
  return `${NOTICE}
# Routes

Every operation of every contract, who may call it, its lane, and the file whose method of the same name handles it. \`npm run routes -- orders\` prints the lines that contain a word.

| route | operation | access | lane | handler |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

function eventsPage({ events, signals }: ContractMap): string {
  const rows = events.map(({ key, summary, version, payload, payloadFile, lane, batched, reactions }) => {
    const mark = (subscriber: string): string => (batched.includes(subscriber) ? ' (in batches)' : '');
    const told = reactions.map(({ subscriber, file }) => `${subscriber}${mark(subscriber)}: ${link(file)}`).join('<br>') || 'none yet';
    return `| \`${key}\` | ${summary} | ${key.split('.', 1)[0]} | ${told} | [${payload}](../${payloadFile}) v${version} | ${lane} |`;
  });
  return `${NOTICE}
# Events and signals

An event arrives at each subscriber, once in effect; "in batches" means a moment later, many in one
message, because nobody waits for it. A signal reaches every replica and may be lost.

## ${events.length} events

| event | says | publisher | subscribers | payload | lane |
|---|---|---|---|---|---|
${rows.join('\n')}

## ${signals.length} signals

| signal | says | payload |
|---|---|---|
${signals.map(({ key, summary, payload, payloadFile }) => `| \`${key}\` | ${summary} | [${payload}](../${payloadFile}) |`).join('\n')}
`;
}

try {
  const root = cloneRoot();
  const map = await readContractMap(root);
  const pages = { 'docs/routes.md': routesPage(map), 'docs/events.md': eventsPage(map) };
  for (const [file, content] of Object.entries(pages)) {
    const path = join(root, file);
    if (!process.argv.includes('--check')) writeFileSync(path, content);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
      complain(`${file} is not what the contracts say; run npm run generate`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
