import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';

const root = cloneRoot();
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).sort();
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

it('there is a workflow for a change, a release and a deployment', () => {
  expect(workflows.map((file) => file.replace(/^.*\//, ''))).toEqual(['check.yml', 'deploy.yml', 'release.yml']);
});

describe.each(workflows)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  it('names each action by its commit, with the version beside it', () => {
    const uses = text.match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(1);
    for (const line of uses) expect(line).toMatch(/^uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('runs commands that are there for everybody, and puts nothing of the event into a shell', () => {
    const runs = [...text.matchAll(/run: (.*)/g)].map(([, command = '']) => command);
    expect(runs.length).toBeGreaterThan(0);
    for (const command of runs) {
      expect(command).not.toContain('${{');
      const script = /^npm run (\S+)/.exec(command)?.[1];
      const own = /(?:^| )(\.ci\/\S+)/.exec(command)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      else if (own !== undefined) accessSync(join(root, own), constants.X_OK);
      else expect(command).toMatch(/^cosign sign --yes "\$IMAGE"$/);
    }
  });

  it('may write nothing unless a job asks for it, and ends by itself', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
    const jobs = text.match(/runs-on: /g)?.length ?? 0;
    expect(text.match(/timeout-minutes: \d+/g)).toHaveLength(jobs);
  });
});
