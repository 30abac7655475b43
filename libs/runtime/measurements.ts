import type { AnyContract } from '#libs/contracts/contract';
import { databaseConnections, outboxAge, outboxRows, tableBytes, tableRows } from '#libs/observability/metrics';
import type { Database } from '#libs/persistence/database';
import type { Relay } from '#libs/persistence/relay';
import { sql } from '#libs/persistence/sql';

/** What a service says of its outbox and its pool. Every event of the contract stands there from the start, with nothing waiting. */
export async function measure({ name: service, events }: AnyContract, relay: Relay, database: Database): Promise<void> {
  const { used, idle, waiting } = database.connections;
  databaseConnections.set({ service, state: 'used' }, used);
  databaseConnections.set({ service, state: 'idle' }, idle);
  databaseConnections.set({ service, state: 'waiting' }, waiting);
  const { rows, oldestSeconds } = await relay.backlog();
  // Other services may share the process, so only this one's rows begin anew.
  const { values } = await outboxRows.get();
  for (const { labels } of values) if (labels.service === service) outboxRows.remove(labels);
  for (const { key: event, subscribers } of Object.values(events))
    for (const subscriber of subscribers) for (const state of ['waiting', 'dead']) outboxRows.set({ service, event, subscriber, state }, 0);
  for (const { event, subscriber, state, count } of rows) outboxRows.set({ service, event, subscriber, state }, count);
  outboxAge.set({ service }, oldestSeconds);
}

/** What grows is seen long before it hurts. */
export async function measureTables({ name: service }: AnyContract, database: Database): Promise<void> {
  const tables = await database.rows<{ name: string; bytes: number; rows: number }>(sql`
    SELECT relname AS name, pg_total_relation_size(relid) AS bytes, n_live_tup AS rows
    FROM pg_stat_user_tables WHERE schemaname = current_schema()`);
  for (const { name: table, bytes, rows } of tables) {
    tableBytes.set({ service, table }, bytes);
    tableRows.set({ service, table }, rows);
  }
}
