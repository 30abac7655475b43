import { builtServices, probePortDistance } from '#libs/runtime/topology';
import { allDashboards } from './dashboards/all.ts';
import { grafana } from './dashboards/panel.ts';
import { declaredMetrics } from './declared-metrics.ts';
import { inhibitions, ruleFiles, ruleTests } from './rules.ts';
import { type Yaml, yaml } from './yaml.ts';

const NOTICE = '# Generated from tools/observe by `npm run generate`.\n';
const asYaml = (value: Yaml): string => NOTICE + yaml(value);

/** Every generated file below `observe/`, and what it should hold. */
export async function observationFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const dashboards = allDashboards(root, await declaredMetrics(root));
  return new Map([
    ...Object.entries(ruleFiles).map(([file, rules]): [string, string] => [`observe/prometheus/rules/${file}`, asYaml(rules)]),
    ...Object.entries(ruleTests).map(([file, tests]): [string, string] => [`observe/prometheus/tests/${file}`, asYaml(tests)]),
    ['observe/prometheus/targets/only2u.yml', asYaml(targets(root))],
    ['observe/alertmanager/alertmanager.yml', asYaml(alertmanager)],
    ...dashboards.map((dashboard): [string, string] => [
      `observe/grafana/dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(grafana(dashboard), undefined, 2)}\n`,
    ]),
  ]);
}

/** As compose names the processes; a process is told from its siblings by `instance`. */
const targets = (root: string): Yaml =>
  builtServices(root).map(({ name, port }) => ({ targets: [`${name}:${port + probePortDistance}`], labels: { app: name } }));

/** Receivers are examples: where messages go is each installation's own. */
const alertmanager: Yaml = {
  route: {
    receiver: 'tickets',
    // One message for a store that is away, however many services say so.
    group_by: ['alertname'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '12h',
    routes: [{ matchers: ['severity="page"'], receiver: 'pager', group_wait: '15s', repeat_interval: '1h' }],
  },
  inhibit_rules: inhibitions,
  receivers: [
    { name: 'pager', webhook_configs: [{ url: 'http://pager.example.com/only2u', send_resolved: true }] },
    { name: 'tickets', webhook_configs: [{ url: 'http://tickets.example.com/only2u', send_resolved: true }] },
  ],
};
