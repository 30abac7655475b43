import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';
import { runbookOf } from '../observe/alert.ts';
import { allDashboards, queriesOf } from '../observe/dashboards/all.ts';
import { type DeclaredMetric, declaredMetrics, seriesOf } from '../observe/declared-metrics.ts';
import { observationFiles } from '../observe/files.ts';
import { objectiveOperations } from '../observe/objectives.ts';
import { FOREIGN, faultsOfQuery } from '../observe/query.ts';
import { alerts, queriesOfRules, recorded } from '../observe/rules.ts';

const root = cloneRoot();
let declared: readonly DeclaredMetric[];
beforeAll(async () => {
  declared = await declaredMetrics(root);
});

it('every metric and label that a rule asks for is declared by the code', () => {
  const faults = queriesOfRules.flatMap((query) => faultsOfQuery(query, declared, recorded));
  expect(faults).toEqual([]);
});

it('every metric and label that a dashboard asks for is declared by the code', () => {
  const dashboards = allDashboards(root, declared);
  const faults = queriesOf(dashboards).flatMap(({ dashboard, panel, expr }) =>
    faultsOfQuery(expr, declared, recorded).map((fault) => `${dashboard.uid}, ${panel}: ${fault}`),
  );
  expect(faults).toEqual([]);
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});

it('a query with a metric or a label that nobody declares is told', () => {
  expect(faultsOfQuery('sum(rate(only2u_http_second_count[5m]))', declared, recorded)).toEqual([
    'only2u_http_second_count is not declared',
  ]);
  expect(faultsOfQuery('only2u_bus_refused_total{kind="forged"}', declared, recorded)).toEqual([
    'only2u_bus_refused_total has no label kind',
  ]);
  expect(faultsOfQuery('sum by (colour) (only2u_bus_refused_total)', declared, recorded)).toEqual(['nothing has a label colour']);
  expect(faultsOfQuery('only2u:nothing:rate5m', declared, recorded)).toEqual(['only2u:nothing:rate5m is not recorded']);
});

it('the table of operations.md names every metric of ours, and no other', () => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const table = page.slice(0, page.indexOf('\n## Dead letters'));
  const named = new Set([...table.matchAll(/only2u_[a-z0-9_]+/g)].map(([name]) => name));
  const ours = declared.filter(({ name }) => !/^only2u_(process|nodejs)_/.test(name));
  expect(ours.filter(({ name }) => !named.has(name)).map(({ name }) => name)).toEqual([]);
  const all = new Set(declared.flatMap((metric) => [metric.name, ...seriesOf(metric)]));
  expect([...named].filter((name) => !all.has(name) && !/^only2u_(process|nodejs)_$/.test(name))).toEqual([]);
});

it('every alert has a section in the runbook, and every section an alert', () => {
  const sections = [...readFileSync(join(root, 'docs/runbook.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(new Set(sections).size).toBe(sections.length);
  expect(sections.toSorted()).toEqual([...new Set(alerts.map(({ name }) => name))].toSorted());
  for (const alert of alerts) expect(runbookOf(alert)).toMatch(/^docs\/runbook\.md#[a-z]+$/);
});

it('what an alert silences is an alert, and one that silences is no effect itself', () => {
  const names = new Set(alerts.map(({ name }) => name));
  for (const { silences = [], isEffect } of alerts) {
    if (silences !== 'effects') expect(silences.filter((name) => !names.has(name))).toEqual([]);
    if (silences.length > 0) expect(isEffect).toBeUndefined();
  }
});

it('the operations of the objectives exist', () => {
  const routes = readFileSync(join(root, 'docs/routes.md'), 'utf8');
  expect(objectiveOperations.filter((key) => !routes.includes(`| \`${key}\` |`))).toEqual([]);
});

it('metrics of others are named with where they come from', () => {
  for (const [metric, source] of FOREIGN) expect([metric, source.length > 10]).toEqual([metric, true]);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (process.env.REQUIRE_PROMTOOL === '1' && !hasPromtool)
  throw new Error('REQUIRE_PROMTOOL=1, and there is no promtool: install prometheus');

it.skipIf(!hasPromtool)(
  'promtool takes the configuration, the rules and the cases of every alert, and the rules do what the cases say',
  () => {
    const promtool = (...args: readonly string[]): string => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8', timeout: 100_000 });
      return status === 0 ? 'taken' : `${stdout}${stderr}`;
    };
    expect(promtool('check', 'config', 'observe/prometheus/prometheus.yml')).toBe('taken');
    expect(promtool('check', 'rules', ...globSync('observe/prometheus/rules/*.yml', { cwd: root }))).toBe('taken');
    expect(promtool('test', 'rules', ...globSync('observe/prometheus/tests/*.yml', { cwd: root }))).toBe('taken');
  },
);

it('the files are what the definitions say', async () => {
  const stale = [...(await observationFiles(root))].filter(([file, content]) => readFileSync(join(root, file), 'utf8') !== content);
  expect(stale.map(([file]) => file)).toEqual([]);
});
