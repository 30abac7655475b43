/** What is looked at in a query without a Prometheus: names of metrics and of labels. */
import { type DeclaredMetric, seriesOf } from './declared-metrics.ts';

/** Metrics that are not the shop's, and who has them. */
export const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['up', 'Prometheus itself, for each target'],
  ['ALERTS', 'Prometheus itself, for each alert'],
  ['probe_ssl_earliest_cert_expiry', 'the blackbox exporter, where the front is probed'],
  ['certmanager_certificate_expiration_timestamp_seconds', 'cert-manager in Kubernetes'],
]);

/** What Prometheus gives to every series of a target, and what histograms have. */
const OF_TARGETS = ['app', 'instance', 'job', 'le'];
/** What recording rules add. */
const OF_RULES = ['objective'];

export function faultsOfQuery(query: string, declared: readonly DeclaredMetric[], recorded: readonly string[]): readonly string[] {
  const bySeries = new Map(declared.flatMap((metric) => seriesOf(metric).map((series) => [series, metric] as const)));
  const plain = query.replaceAll(/"[^"]*"/g, '""');
  const names = [...plain.matchAll(/(?<![\w:])only2u[\w:]*/g)].map(([name]) => name);
  const unknown = names.filter((name) => !bySeries.has(name) && !recorded.includes(name));
  const selectors = [...plain.matchAll(/(?<![\w:])([a-z_][\w:]*)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) => {
    const metric = bySeries.get(name);
    const allowed = [...OF_TARGETS, ...(metric?.labels ?? OF_RULES)];
    return FOREIGN.has(name)
      ? []
      : labelsIn(inside)
          .filter((label) => !allowed.includes(label))
          .map((label) => `${name} has no label ${label}`);
  });
  const anywhere = new Set([...OF_TARGETS, ...OF_RULES, ...declared.flatMap(({ labels }) => labels)]);
  const grouped = [...plain.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)]
    .flatMap(([, list = '']) => list.split(','))
    .map((label) => label.trim())
    .filter((label) => label !== '' && !anywhere.has(label))
    .map((label) => `nothing has a label ${label}`);
  return [
    ...new Set([...unknown.map((name) => `${name} is not ${name.includes(':') ? 'recorded' : 'declared'}`), ...selectors, ...grouped]),
  ];
}

const labelsIn = (matchers: string): readonly string[] => [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
