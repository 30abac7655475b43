import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCassandra } from '#libs/local-stack/cassandra';
import { cassandraProgram } from '#libs/local-stack/cassandra-program';
import { freePort } from '#libs/local-stack/ports';
import { Supervisor } from '#libs/local-stack/supervisor';
import { Cassandra, type CassandraPlace } from '#libs/persistence/cassandra';
import { cloneRoot } from '#libs/runtime/project-root';
import { cassandraDataCenter } from '#libs/runtime/topology';

/** A Cassandra beside a shop that is measured; its data goes with it. */
export interface BenchCassandra {
  readonly contactPoint: string;
  readonly pid: number;
  /** Of the notification service; the shop's migration makes it. */
  connect(): Cassandra;
  stop(): Promise<void>;
}

export async function openCassandra(say: (sentence: string) => void): Promise<BenchCassandra> {
  const folder = mkdtempSync(join(tmpdir(), 'only2u-'));
  const supervisor = new Supervisor({
    dataDir: folder,
    log: () => undefined,
    remark: () => undefined,
    autoRestart: false,
    scratch: [folder],
  });
  const stop = async (): Promise<void> => {
    await supervisor.stopAll(() => 0);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const port = await freePort();
    await startCassandra(supervisor, {
      folder,
      port,
      storagePort: await freePort(new Set([port])),
      program: cassandraProgram(cloneRoot(), say),
    });
    const contactPoint = `127.0.0.1:${port}`;
    const place: CassandraPlace = { contactPoints: [contactPoint], dataCenter: cassandraDataCenter, keyspace: 'only2u_notification' };
    return { contactPoint, pid: supervisor.processes.get('cassandra')?.pid ?? 0, connect: () => new Cassandra(place), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
