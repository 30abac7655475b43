import { generateCatalogue } from '../../apps/product/demo/catalogue.ts';
import { mean, type Relevance, relevanceOf } from '../../apps/product/demo/relevance.ts';
import { labelledQueries } from '../../apps/product/demo/search-queries.ts';
import { columnsOf, httpLoad, medianBy, medianLatency, medianRate, medianTotal, type Sample, sampleOf } from '../load.ts';
import { type Found, type Goal, ms, type Scenario, type Stage, type Table, whole } from '../scenario.ts';
import type { Shop } from '../shop.ts';
import { emptyCache, seed } from './catalogue.ts';

const CONNECTIONS = 8;
const SIZES: readonly number[] = [1_000, 100_000];
const KINDS = ['search, each another', 'search, the same ones', 'suggestions'] as const;
type Kind = (typeof KINDS)[number];
const PROCESSES = ['gateway', 'product', 'postgres', 'redis', 'redis-cache'];
const LEAST_COLD = 300;
const LEAST_HOT = 1_800;
const SUGGESTION_LIMIT_MS = 20;
/** Queries that people ask again and again. */
const FAVOURITES = 20;

const caseOf = (kind: Kind, products: number): string => `${kind}, ${whole(products)} products`;

/** Searches by the labelled queries, what they find, and suggestions for what is typed on the way to them. */
export const search: Scenario = {
  name: 'search',
  topologies: ['separate'],
  shop: { only: ['gateway', 'product'] },
  stages: async (shop, setting) => {
    const sizes = setting.quick ? SIZES.slice(0, 1) : SIZES;
    let asked = 0;
    return sizes.map((products): Stage => {
      const sample = async (name: string): Promise<Sample> => {
        const kind = KINDS.find((one) => name.startsWith(one)) ?? KINDS[0];
        if (kind !== KINDS[1]) await emptyCache(shop);
        const paths = pathsOf(kind, setting.quick ? 300 : 900, asked);
        asked += paths.length;
        return sampleOf(shop.pids, () =>
          httpLoad({ url: shop.url, connections: CONNECTIONS, seconds: 0, requests: paths.map((path) => ({ path })) }),
        );
      };
      const cases = KINDS.map((kind) => caseOf(kind, products));
      return {
        rounds: 3,
        cases,
        warmUp: async () => {
          await seed(shop, products);
          if (products === SIZES[0]) judged = await judge(shop, products);
          for (let pass = 0; pass < 2; pass += 1) for (const name of cases) await sample(name);
        },
        sample,
        profile: { processes: ['product', 'gateway'], work: () => sample(caseOf(KINDS[0], products)) },
      };
    });
  },
  report: (found) => ({ tables: [costs(found), ...relevance()], goals: goalsOf(found), notes: NOTES }),
};

const NOTES = [
  'Each another: the labelled queries with limits and places in the list that differ, so that no answer is kept; the cache is emptied before. The same ones: twenty queries again and again. Suggestions: what was typed so far of a labelled query, which nothing keeps.',
];

/** The labelled queries' figures in the small catalogue, one for each query that it can answer. */
let judged: readonly Relevance[] = [];

async function judge(shop: Shop, products: number): Promise<Relevance[]> {
  const catalogue = [...generateCatalogue({ products })];
  const figures: Relevance[] = [];
  for (const labelled of labelledQueries) {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = new URLSearchParams({ q: labelled.query, limit: '100', ...(cursor === '' ? {} : { cursor }) });
      const page = (await (await fetch(`${shop.url}/api/products/search?${query}`)).json()) as {
        items: { slug: string }[];
        nextCursor: string | null;
      };
      found.push(...page.items.map(({ slug }) => slug));
      cursor = page.nextCursor;
    }
    const figure = relevanceOf(labelled, found, catalogue);
    if (figure !== undefined) figures.push(figure);
  }
  return figures;
}

function pathsOf(kind: Kind, count: number, from: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = from + index;
    if (kind === 'search, the same ones')
      return `/api/products/search?${new URLSearchParams({ q: labelledQueries[(index * 7) % FAVOURITES]?.query ?? '' })}`;
    const query = labelledQueries[(place * 7) % labelledQueries.length]?.query ?? '';
    if (kind === 'suggestions') {
      const typed = query.slice(0, 2 + (place % Math.max(1, query.length - 1)));
      return `/api/products/suggest?${new URLSearchParams({ q: typed.trim() === '' ? query : typed })}`;
    }
    return `/api/products/search?${new URLSearchParams({ q: query, limit: String(20 + (place % 20)) })}`;
  });
}

function costs(found: Found): Table {
  const cases = found.cases.map(({ name }) => name);
  const processes = columnsOf(found.of('separate', cases[0] ?? ''), PROCESSES);
  return {
    title: `Searches, ${CONNECTIONS} connections: CPU a request`,
    columns: ['request', 'all', ...processes.map(({ title }) => title), 'requests/s', 'p50', 'p99'],
    rows: cases.map((name) => {
      const all = found.of('separate', name);
      const by = medianBy(all);
      return [
        name,
        ms(medianTotal(all)),
        ...processes.map(({ name: process }) => ms(by[process] ?? 0)),
        medianRate(all).toFixed(0),
        `${medianLatency(all, 'p50').toFixed(0)} ms`,
        `${medianLatency(all, 'p99').toFixed(0)} ms`,
      ];
    }),
  };
}

const relevance = (): Table[] =>
  judged.length === 0
    ? []
    : [
        {
          title: `What ${whole(judged.length)} labelled queries find among ${whole(SIZES[0] ?? 0)} products`,
          columns: ['figure', 'mean'],
          rows: [
            ['recall', mean(judged.map(({ recall }) => recall)).toFixed(3)],
            ['NDCG of the first ten', mean(judged.map(({ ndcg }) => ndcg)).toFixed(3)],
          ],
        },
      ];

const goalsOf = (found: Found): Goal[] =>
  SIZES.flatMap((products) => {
    const of = (kind: Kind): readonly Sample[] => found.of('separate', caseOf(kind, products));
    if (of(KINDS[0]).length === 0) return [];
    const said = `${whole(products)} products`;
    return [
      {
        what: `searches a second, each another, ${said}`,
        measured: medianRate(of(KINDS[0])),
        limit: LEAST_COLD,
        unit: '/s',
        atLeast: true,
      },
      {
        what: `searches a second, the same ones, ${said}`,
        measured: medianRate(of(KINDS[1])),
        limit: LEAST_HOT,
        unit: '/s',
        atLeast: true,
      },
      { what: `a suggestion, ${said}`, measured: medianTotal(of(KINDS[2])), limit: SUGGESTION_LIMIT_MS, unit: 'ms' },
    ];
  });
