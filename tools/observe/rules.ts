/** Rules of Prometheus, the cases that `promtool test rules` holds them to, and who keeps quiet in Alertmanager, all from the same definitions. */
import { type Alert, runbookOf } from './alert.ts';
import { messageAlerts } from './alerts/messages.ts';
import { moneyAlerts } from './alerts/money.ts';
import { processAlerts } from './alerts/processes.ts';
import { serviceAlerts } from './alerts/services.ts';
import { storeAlerts } from './alerts/stores.ts';
import { lates, type Objective, objectives } from './objectives.ts';
import type { Yaml } from './yaml.ts';

export const causeAlerts: Readonly<Record<string, readonly Alert[]>> = {
  stores: storeAlerts,
  services: serviceAlerts,
  messages: messageAlerts,
  money: moneyAlerts,
  processes: processAlerts,
};

/** How many times faster than allowed the budget of 30 days goes, in two windows: the long one is sure, the short one ends soon after. */
const BURNS = [
  { severity: 'page', for: '2m', pairs: [['1h', '5m', 14.4] as const, ['6h', '30m', 6] as const] },
  { severity: 'ticket', for: '15m', pairs: [['1d', '2h', 3] as const, ['3d', '6h', 1] as const] },
] as const;
type Which = 'rings' | 'quiet';
const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];

const ratio = (window: string): string => `only2u:objective_errors:ratio_${window}`;

/** Rounded, for 1 - 0.999 is not quite 0.001. */
const budget = ({ target }: Objective): number => Math.round((1 - target) * 1e6) / 1e6;

function burning(objective: Objective): readonly Alert[] {
  const { name, alert, promise } = objective;
  const of = `{objective="${name}"}`;
  return BURNS.map(({ severity, for: lasting, pairs }) => ({
    name: alert,
    expr: pairs
      .map(([long, short, times]) => {
        const most = `${times} * ${budget(objective)}`;
        return `(${ratio(long)}${of} > ${most} and ${ratio(short)}${of} > ${most})`;
      })
      .join('\nor\n'),
    for: lasting,
    severity,
    summary: `${promise}: not at present`,
    isEffect: true as const,
    rings: { ...objective.rings, labels: { objective: name } },
    quiet: objective.quiet,
  }));
}

export const objectiveAlerts: readonly Alert[] = objectives.flatMap(burning);
export const alerts: readonly Alert[] = [...Object.values(causeAlerts).flat(), ...objectiveAlerts];

interface Rule {
  readonly [key: string]: Yaml | undefined;
  readonly expr: string;
  readonly record?: string;
}
interface Group {
  readonly [key: string]: Yaml | undefined;
  readonly name: string;
  readonly rules: readonly Rule[];
}

const recordings: readonly Group[] = [
  {
    name: 'only2u.recordings',
    interval: '30s',
    rules: [
      ...lates.map(({ name, expr, seconds }) => ({
        record: 'only2u:late:bool',
        expr: `${expr} > bool ${seconds}`,
        labels: { objective: name },
      })),
      { record: 'only2u:table_bytes:sum', expr: 'sum by (service) (max by (service, table) (only2u_table_bytes))' },
      { record: 'only2u:http_requests:rate5m', expr: 'sum by (operation) (rate(only2u_http_seconds_count[5m]))' },
      { record: 'only2u:http_errors:rate5m', expr: 'sum by (operation) (rate(only2u_http_seconds_count{status=~"5.."}[5m]))' },
      {
        record: 'only2u:http_seconds:p95_5m',
        expr: 'histogram_quantile(0.95, sum by (operation, le) (rate(only2u_http_seconds_bucket[5m])))',
      },
      {
        record: 'only2u:operation_seconds:p95_5m',
        expr: 'histogram_quantile(0.95, sum by (operation, le) (rate(only2u_operation_seconds_bucket[5m])))',
      },
    ],
  },
];

const objectiveGroups: readonly Group[] = objectives.map((objective) => ({
  name: `only2u.objective.${objective.name}`,
  interval: '30s',
  rules: [
    ...WINDOWS.map((window) => ({ record: ratio(window), expr: objective.bad(window), labels: { objective: objective.name } })),
    ...burning(objective).map(ruleOf),
  ],
}));

function ruleOf(alert: Alert): Rule {
  return {
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: labelsOf(alert),
    annotations: { summary: alert.summary, runbook: runbookOf(alert) },
  };
}

function labelsOf({ severity, isEffect }: Alert): Record<string, string> {
  return { severity, ...(isEffect ? { follows: 'cause' } : {}) };
}

/** By file below `observe/prometheus/rules`. */
export const ruleFiles: Readonly<Record<string, { readonly groups: readonly Group[] }>> = {
  'recordings.yml': { groups: recordings },
  'objectives.yml': { groups: objectiveGroups },
  'causes.yml': {
    groups: Object.entries(causeAlerts).map(([name, group]) => ({ name: `only2u.${name}`, rules: group.map(ruleOf) })),
  },
};

/** Every expression, and the names that recording rules give. */
const rulesIn = ({ rules }: { readonly rules: readonly { readonly expr: string; readonly record?: string }[] }) => rules;
const allRules = Object.values(ruleFiles).flatMap(({ groups }) => groups.flatMap(rulesIn));
export const queriesOfRules: readonly string[] = allRules.map(({ expr }) => expr);
export const recorded: readonly string[] = allRules.flatMap(({ record }) => record ?? []);

/** Names of alerts, each once. */
const names = [...new Set(alerts.map(({ name }) => name))];
const named = (name: string): readonly Alert[] => alerts.filter((alert) => alert.name === name);

/** What `promtool test rules` takes, by file below `observe/prometheus/tests`: each alert rings in one case and keeps quiet in the other. */
export const ruleTests: Readonly<Record<string, Yaml>> = {
  'causes.test.yml': { rule_files: of('causes.yml'), evaluation_interval: '15s', tests: testsOf((after) => !after.includes('h')) },
  // What takes hours is looked at less often.
  'slow-causes.test.yml': { rule_files: of('causes.yml'), evaluation_interval: '5m', tests: testsOf((after) => after.includes('h')) },
  'objectives.test.yml': { rule_files: of('objectives.yml'), evaluation_interval: '5m', tests: objectiveTests() },
};

function of(file: string): readonly string[] {
  return ['../rules/recordings.yml', `../rules/${file}`];
}

function testsOf(isAmong: (after: string) => boolean): readonly Yaml[] {
  const chosen = Object.values(causeAlerts)
    .flat()
    .filter(({ rings }) => isAmong(rings.after));
  return [
    ...together(chosen, 'rings').map((some) => testOf('these ring', some, 'rings')),
    ...together(chosen, 'quiet').map((some) => testOf('these keep quiet', some, 'quiet')),
  ];
}

/** Cases that have no metric in common stand in one test: promtool makes a database for each. */
function together(all: readonly Alert[], which: Which): readonly (readonly Alert[])[] {
  const metricsOf = (alert: Alert): readonly string[] => Object.keys(alert[which].series).map((series) => series.replace(/\{.*/, ''));
  const tests: Alert[][] = [];
  for (const alert of all) {
    const own = metricsOf(alert);
    const fitting = tests.find((others) => !others.flatMap(metricsOf).some((metric) => own.includes(metric)));
    if (fitting === undefined) tests.push([alert]);
    else fitting.push(alert);
  }
  return tests;
}

/** Objectives of a kind have series of their own, so that all of them are broken, or held, in one case. */
function objectiveTests(): readonly Yaml[] {
  return [...new Set(objectives.map(kindOf))].flatMap((kind) => {
    const some = objectives.filter((objective) => kindOf(objective) === kind).flatMap(burning);
    return [testOf(`every ${kind} is broken`, some, 'rings'), testOf(`every ${kind} is held`, some, 'quiet')];
  });
}

function kindOf({ name }: Objective): string {
  return name.slice(name.indexOf('_') + 1);
}

function testOf(title: string, some: readonly Alert[], which: Which): Yaml {
  const series: Record<string, string> = Object.assign({}, ...some.map((alert) => alert[which].series));
  const asked = [...new Map(some.map((alert) => [alert.name, alert[which].after]))];
  return {
    name: title,
    interval: '15s',
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    alert_rule_test: asked.map(([alertname, eval_time]) => ({
      eval_time,
      alertname,
      exp_alerts: which === 'quiet' ? [] : some.filter(({ name }) => name === alertname).map(ringing),
    })),
  };
}

function ringing(alert: Alert): Yaml {
  const { labels = {} } = alert.rings;
  return {
    exp_labels: { ...labels, ...labelsOf(alert) },
    exp_annotations: { summary: filled(alert.summary, labels), runbook: runbookOf(alert) },
  };
}

function filled(text: string, labels: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
}

/** Who keeps quiet while another rings, as Alertmanager takes it. */
export const inhibitions: readonly Yaml[] = [
  ...names.flatMap((name) => {
    const { silences } = named(name)[0] ?? {};
    if (silences === undefined) return [];
    const quiet = silences === 'effects' ? ['follows="cause"'] : [`alertname=~"${silences.join('|')}"`];
    return [{ source_matchers: [`alertname="${name}"`], target_matchers: quiet }];
  }),
  // One that waits says nothing beside the same one that has woken somebody.
  { source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: ['alertname', 'objective'] },
];
