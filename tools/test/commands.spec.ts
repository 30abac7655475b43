import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What a newcomer types: every command of package.json says what it does and does nothing else. */

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
const commands = Object.entries(scripts)
  .filter(([name]) => !(name.startsWith('pre') && name.slice(3) in scripts))
  .map(([name, line]) => [name, line.split(' ').at(-1) ?? ''] as const);

function run(program: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', program, ...args], { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe.each(commands)('npm run %s', (name, program) => {
  it('answers --help with its usage and does nothing', () => {
    const { status, output } = run(program, '--help');
    expect(output).toMatch(new RegExp(`^npm (run )?${name}\\b`));
    expect(status).toBe(0);
  });

  // `npm test` passes its options on to Vitest, which knows them.
  it.skipIf(name === 'test')('refuses an option that it does not know in one sentence', () => {
    const { status, output } = run(program, '--no-such-option');
    expect(output.split('\n', 1)[0]).toContain('no-such-option');
    expect(output).not.toContain('    at ');
    expect(status).toBeGreaterThan(0);
  });
});
