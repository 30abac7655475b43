/** `npm run sbom`: what the image is made of, as CycloneDX. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { helpAsked } from '../help.ts';
import { complain, say } from '../progress.ts';

const HELP = `npm run sbom [-- <file>]

Writes the packages that run in production as CycloneDX, with their hashes, from package-lock.json alone: to the file, or to .only2u/sbom.cdx.json.
What comes with the base image is not in it; the release's image has a list of its own.`;

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes?: readonly object[];
  }[];
}

export function bill(root = cloneRoot()): Bill {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev', '--package-lock-only'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    },
  );
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr.trim()}`);
  const made = JSON.parse(stdout) as Bill;
  if (made.bomFormat !== 'CycloneDX' || made.components.length === 0) throw new Error('npm sbom has written no components');
  return made;
}

if (import.meta.main && !helpAsked(HELP)) {
  try {
    const [file = join('.only2u', 'sbom.cdx.json'), ...surplus] = process.argv.slice(2);
    const stranger = [file, ...surplus].find((word) => word.startsWith('-')) ?? surplus[0];
    if (stranger !== undefined) throw new Error(`There is no option ${stranger}. See npm run sbom -- --help`);
    const made = bill();
    const path = join(cloneRoot(), file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(made));
    say(`${file}: ${made.components.length} components`);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
