/** `npm run routes [-- word]`: route → operation → handler file, of all operations or of those whose line contains the word. */
import { cloneRoot } from '#libs/runtime/project-root';
import { readContractMap } from './contract-map.ts';
import { helpAsked } from './help.ts';
import { complain, explain, say } from './progress.ts';

const HELP = `npm run routes [-- <word> …]

Prints route, operation and handler file of every operation, or of those that contain all words.`;

try {
  const words = process.argv.slice(2);
  if (helpAsked(HELP)) process.exitCode = 0;
  else {
    const option = words.find((word) => word.startsWith('-'));
    if (option !== undefined) throw new Error(`There is no option ${option}. See --help`);
    const { operations } = await readContractMap(cloneRoot());
    const rows = operations.map(({ key, method, path, handler }) => [
      path === undefined ? '(between services)' : `${method} ${path}`,
      key,
      handler,
    ]);
    const shown = rows.filter((row) => words.every((word) => row.join(' ').toLowerCase().includes(word.toLowerCase())));
    const widths = [0, 1].map((column) => Math.max(0, ...shown.map((row) => row[column]?.length ?? 0)));
    for (const row of shown) say(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
    if (shown.length === 0) complain(`No route contains ${words.join(' and ')}`);
    process.exitCode = shown.length === 0 ? 1 : 0;
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
