import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '#libs/runtime/topology';

/** The generator runs in a copy of the clone, as a newcomer would run it, and what it writes must compile and be registered everywhere. */

let copy: string;
const node = (args: readonly string[], cwd = copy): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'only2u-generator-'));
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(file));
  execFileSync('tar', ['-cf', join(copy, 'clone.tar'), '--null', '-T', '-'], { input: files.join('\0') });
  execFileSync('tar', ['-xf', 'clone.tar'], { cwd: copy });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
}, 60_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('npm run new:service', () => {
  it('writes a service that compiles, keeps the boundaries, passes its own spec and is registered everywhere', () => {
    const made = node(['--conditions=source', 'tools/new-service.ts', 'loyalty', '3021']);
    expect(made.output).toContain('apps/loyalty listens on 3021');
    expect(made.status).toBe(0);
    expect(node(['node_modules/typescript/bin/tsc', '--noEmit', '--incremental', 'false']).output).toBe('');
    expect(node(['--conditions=source', 'tools/boundaries.ts']).status).toBe(0);
    expect(node(['node_modules/vitest/vitest.mjs', 'run', 'apps/loyalty']).output).toMatch(/1 passed/);
    for (const [file, mark] of Object.entries({
      'libs/runtime/topology.ts': 'loyalty: { port: 3021',
      'nest-cli.json': 'apps/loyalty/tsconfig.app.json',
      'docker-compose.yml': 'LOYALTY_DATABASE_URL',
      'docker/databases.sh': 'CREATE DATABASE only2u_loyalty',
      'k8s/loyalty.yaml': 'containerPort: 3021',
      'docs/routes.md': '`loyalty.addNote`',
      'libs/client/openapi.json': '/api/loyalty/user/{userId}',
    })) {
      expect(readFileSync(join(copy, file), 'utf8'), file).toContain(mark);
    }
  }, 600_000);

  it.each([
    ['Loyalty', 'is not one lower-case word'],
    ['cart', 'There is a service cart already'],
    ['', 'Which service?'],
  ])('refuses the name "%s" with one sentence', (name, sentence) => {
    const { status, output } = node(['--conditions=source', 'tools/new-service.ts', name]);
    expect(status).toBe(2);
    expect(output).toContain(sentence);
  });
});

describe('every app', () => {
  it('is registered wherever a service must be', () => {
    const apps = readdirSync('apps').filter((app) => existsSync(join('apps', app, 'src', 'main.ts')));
    expect(apps.sort()).toEqual(services.map(({ name }) => name).sort());
    const nest = JSON.parse(readFileSync('nest-cli.json', 'utf8')) as { projects: Record<string, unknown> };
    const compose = readFileSync('docker-compose.yml', 'utf8');
    for (const app of apps) {
      expect(Object.keys(nest.projects)).toContain(app);
      expect(compose).toContain(`\n  ${app}:\n`);
      expect(existsSync(join('k8s', `${app}.yaml`)), `k8s/${app}.yaml`).toBe(true);
      expect(existsSync(join('apps', app, 'README.md')), `apps/${app}/README.md`).toBe(true);
    }
  });
});
