import { costOf, latenciesOf, medianBy, medianLatency, medianRate, medianTotal, type Sample } from '../load.ts';
import { startChild } from '../processes.ts';
import { type Findings, type Found, ms, type Scenario, type Stage, whole } from '../scenario.ts';

const SIZES = [2, 100, 1_000] as const;
const IN_FLIGHT = 8;
const LIMIT_MS = 120_000;
const PROCESSES = ['gateway', 'chat', 'postgres', 'redis'];

const caseOf = (sockets: number): string => `${whole(sockets)} sockets`;
/** However many sockets there are, they hear no more than a hundred thousand times in all. */
const messagesOf = (sockets: number, quick: boolean): number => Math.min(quick ? 200 : 1_000, Math.ceil(100_000 / sockets));

/** Two people write in one thread, and all their sockets hear of it. */
export const chat: Scenario = {
  name: 'chat',
  topologies: ['separate'],
  shop: { only: ['gateway', 'auth', 'chat'] },
  stages: async (shop, { quick }) => {
    const [one, other] = await shop.customers(2);
    if (one === undefined || other === undefined) throw new Error('no customers could be registered');
    const { id: peerId } = await other.buyer.ask<{ id: string }>('GET', '/api/auth/me');
    const { id: threadId } = await one.buyer.ask<{ id: string }>('POST', '/api/chat/threads', { participantIds: [peerId] });
    const chatters = await startChild('chatters', []);
    const ask = async <T>(body: object): Promise<T> => {
      const init = { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(LIMIT_MS) };
      const answer = (await (await fetch(chatters.url, init)).json()) as T & { error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    };
    return SIZES.map((sockets, index): Stage => {
      const send = async (messages: number): Promise<Sample> => {
        let latencies: readonly number[] = [];
        const cost = await costOf(shop.pids, async () => {
          ({ latencies } = await ask<{ latencies: number[] }>({ messages, inFlight: IN_FLIGHT }));
          return messages;
        });
        return { ...cost, latencies: latenciesOf(latencies) };
      };
      return {
        rounds: quick ? 2 : 4,
        cases: [caseOf(sockets)],
        warmUp: async () => {
          await ask({ url: shop.url, tokens: [one.token, other.token], threadId, sockets });
          await send(50);
        },
        sample: () => send(messagesOf(sockets, quick)),
        ...(index === SIZES.length - 1 ? { close: () => chatters.stop() } : {}),
      };
    });
  },
  report,
};

function report(found: Found): Findings {
  const rows = SIZES.map((sockets) => {
    const samples = found.of('separate', caseOf(sockets));
    const by = medianBy(samples);
    return [
      whole(sockets),
      medianRate(samples).toFixed(0),
      ms(medianTotal(samples)),
      ...PROCESSES.map((process) => ms(by[process] ?? 0)),
      ...(['p50', 'p99'] as const).map((which) => ms(medianLatency(samples, which))),
    ];
  });
  return {
    tables: [
      {
        title: `Messages of two members in one thread, ${IN_FLIGHT} in flight: CPU a message`,
        columns: ['sockets that hear', 'messages/s', 'all', ...PROCESSES, 'answered p50', 'p99'],
        rows,
      },
    ],
    goals: [],
    notes: ['A message counts once every socket has it. The clients are one process beside the shop, on the same cores.'],
  };
}
