import type { AnyContract } from '#libs/contracts/contract';
import { publicContracts } from './gateway.contracts.ts';

/** `node dist/apps/gateway/src/print-contracts.js`: what the contracts declare, as JSON, for the maps in docs/. */
const described = ({ name, operations, events, signals }: AnyContract) => ({
  name,
  operations: Object.values(operations).map(({ key, method, path, access, lane }) => ({ key, method, path, access, lane })),
  events: Object.values(events).map(({ key, summary, version, data, subscribers, batched, lane }) => ({
    ...{ key, summary, version, subscribers, batched, lane },
    payload: data.name,
  })),
  signals: Object.values(signals).map(({ key, summary, data }) => ({ key, summary, payload: data.name })),
});
process.stdout.write(`${JSON.stringify(publicContracts.map(described))}\n`);
