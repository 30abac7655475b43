import { median, medianBy, medianLatency, medianRate, medianTotal, type Sample } from './load.ts';
import { type Found, ms, type Table, times } from './scenario.ts';

/** Two codes side by side: a ratio is the median of the rounds' ratios, each of one run here and one there, in turns. */
export function pairTables(name: string, here: Found, there: Found, commit: string): Table[] {
  const cases = here.cases.filter((one) => there.of(one.topology, one.name).length > 0);
  const costs: Table = {
    title: `${name}: this code against ${commit}, CPU a request`,
    columns: [
      'case',
      'topology',
      'this',
      commit,
      'ratio',
      'of rounds',
      'this, /s',
      `${commit}, /s`,
      'this, p50',
      `${commit}, p50`,
      'by process',
    ],
    rows: cases.map(({ topology, name: one }) => {
      const [mine, theirs] = [here.of(topology, one), there.of(topology, one)];
      const ratios = mine.map(({ total }, round) => total / (theirs[round]?.total ?? Number.NaN));
      return [
        one,
        topology,
        ms(medianTotal(mine)),
        ms(medianTotal(theirs)),
        times(median(ratios)),
        `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
        medianRate(mine).toFixed(0),
        medianRate(theirs).toFixed(0),
        latency(mine),
        latency(theirs),
        byProcess(mine, theirs),
      ];
    }),
  };
  const counted = cases.flatMap(({ topology, name: one }) => countRows(topology, here.of(topology, one), there.of(topology, one)));
  const counts: Table = { title: `${name}: counted for each request`, columns: ['', 'topology', 'this', commit], rows: counted };
  return counted.length === 0 ? [costs] : [costs, counts];
}

const latency = (samples: readonly Sample[]): string => {
  const p50 = medianLatency(samples, 'p50');
  return Number.isNaN(p50) ? '' : `${p50.toFixed(0)} ms`;
};

/** Each process that takes part: what it costs here and there. */
function byProcess(mine: readonly Sample[], theirs: readonly Sample[]): string {
  const [here, there] = [medianBy(mine), medianBy(theirs)];
  const most = Math.max(...Object.values(here), ...Object.values(there));
  return [...new Set([...Object.keys(here), ...Object.keys(there)])]
    .filter((name) => Math.max(here[name] ?? 0, there[name] ?? 0) > most / 20)
    .map((name) => `${name} ${(here[name] ?? 0).toFixed(2)}/${(there[name] ?? 0).toFixed(2)}`)
    .join(' ');
}

/** What is below this in both is noise. */
const SHOWN_FROM = 0.05;

function countRows(topology: string, mine: readonly Sample[], theirs: readonly Sample[]): string[][] {
  const meanOf = (samples: readonly Sample[], name: string): number => median(samples.map(({ counts }) => counts?.[name] ?? 0));
  const names = [...new Set([...mine, ...theirs].flatMap(({ counts }) => Object.keys(counts ?? {})))];
  return names.flatMap((name) => {
    const [here, there] = [meanOf(mine, name), meanOf(theirs, name)];
    return Math.max(here, there) < SHOWN_FROM ? [] : [[name, topology, here.toFixed(1), there.toFixed(1)]];
  });
}
