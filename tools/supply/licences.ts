/** `npm run licences`: what each locked package may be used under, and whether that is allowed here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpOnly } from '../help.ts';
import { complain, say } from '../progress.ts';

const HELP = `npm run licences

Counts the licences of all packages in package-lock.json and fails on one that tools/supply/licences.ts does not allow. Needs no network.`;

/** Use, change and sale without publishing our own source. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
];
/** Allowed for these packages alone. */
const CONDITIONAL: readonly { readonly licence: string; readonly packages: RegExp; readonly why: string }[] = [
  { licence: 'LGPL-3.0-or-later', packages: /^@img\/sharp-/, why: 'libvips, a library of its own that is loaded and can be replaced' },
  { licence: 'OFL-1.1', packages: /^@fontsource\//, why: 'fonts, which may be shipped with a program and are not sold' },
  { licence: 'MPL-2.0', packages: /^(axe-core|lightningcss(-.+)?)$/, why: 'tools of build and test, whose files nobody changes' },
];
/** Their package.json has no field for it; somebody has read what stands beside it, in this version. */
const READ: Readonly<Record<string, { readonly licence: string; readonly where: string }>> = {
  'limiter@1.1.5': { licence: 'MIT', where: 'licenses in package.json' },
  'passport-strategy@1.0.0': { licence: 'MIT', where: 'LICENSE' },
  'pause@0.0.1': { licence: 'MIT', where: 'Readme.md' },
  'png-js@2.0.0': { licence: 'MIT', where: 'LICENSE' },
  'xmlhttprequest-ssl@2.1.2': { licence: 'MIT', where: 'LICENSE' },
};

interface Locked {
  readonly version?: string;
  readonly license?: unknown;
  readonly dev?: boolean;
  readonly link?: boolean;
}
export interface LicenceReport {
  /** How many packages by licence; those without a field under what was read. */
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
  readonly withoutField: readonly string[];
}

export function licencesOf(lock: { readonly packages: Readonly<Record<string, Locked>> }): LicenceReport {
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const withoutField: string[] = [];
  for (const [path, locked] of Object.entries(lock.packages)) {
    if (path === '' || locked.link === true) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const id = `${name}@${locked.version}`;
    const read = READ[id];
    const licence = typeof locked.license === 'string' ? locked.license : read?.licence;
    if (typeof locked.license !== 'string')
      withoutField.push(`${id}: ${read === undefined ? 'nobody has looked' : `${read.licence}, by its ${read.where}`}`);
    if (licence === undefined) faults.push(`${id} names no licence. Read what stands beside it, and add it to READ`);
    else if (!isAllowed(licence, name)) faults.push(`${id} is under ${licence}, which is not allowed`);
    counts.set(licence ?? 'none', (counts.get(licence ?? 'none') ?? 0) + 1);
  }
  return { counts, faults, withoutField };
}

/** Of `A OR B` one must be allowed, of `A AND B` both. */
function isAllowed(expression: string, name: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  if (plain.includes(' OR ')) return plain.split(' OR ').some((part) => isAllowed(part, name));
  return plain
    .split(' AND ')
    .every((licence) => PERMISSIVE.includes(licence) || CONDITIONAL.some((one) => one.licence === licence && one.packages.test(name)));
}

if (import.meta.main) {
  helpOnly(HELP);
  const { counts, faults, withoutField } = licencesOf(JSON.parse(readFileSync(join(cloneRoot(), 'package-lock.json'), 'utf8')));
  for (const [licence, count] of [...counts].sort(([, one], [, other]) => other - one)) say(`${String(count).padStart(5)}  ${licence}`);
  for (const { licence, why } of CONDITIONAL) say(`${licence}: ${why}`);
  say(`Without a field:\n${withoutField.map((line) => `  ${line}`).join('\n')}`);
  for (const fault of faults) complain(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
