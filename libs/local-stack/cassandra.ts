import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'cassandra-driver';
import { cassandraDataCenter } from '#libs/runtime/topology';
import type { CassandraProgram } from './cassandra-program.ts';
import { isFree } from './ports.ts';
import type { ProcessSpec } from './supervised-process.ts';
import type { Supervisor } from './supervisor.ts';

export interface CassandraOptions {
  /** Of its data and settings. */
  readonly folder: string;
  /** Of clients. */
  readonly port: number;
  /** Between nodes; a single one opens it all the same. */
  readonly storagePort: number;
  readonly program: CassandraProgram;
}

/** One node with its data in `folder`: some 650 MB of memory, up in 7 to 15 s. @throws ProcessFailed when it does not get ready. */
export async function startCassandra(supervisor: Supervisor, options: CassandraOptions): Promise<void> {
  await supervisor.add(cassandraSpec(options)).start();
}

function cassandraSpec({ folder, port, storagePort, program }: CassandraOptions): ProcessSpec {
  const settings = join(folder, 'settings');
  for (const path of [settings, ...Object.values(FOLDERS).map((name) => join(folder, name))])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(settings, 'cassandra.yaml'), settingsOf(folder, port, storagePort));
  writeFileSync(join(settings, 'logback.xml'), LOGBACK);
  const properties = {
    'cassandra.config': pathToFileURL(join(settings, 'cassandra.yaml')).href,
    'cassandra.storagedir': folder,
    'cassandra-foreground': 'yes',
    'cassandra.skip_wait_for_gossip_to_settle': '0',
    'cassandra.ring_delay_ms': '100',
    'java.io.tmpdir': settings,
  };
  return {
    name: 'cassandra',
    port,
    command: () => ({
      file: program.java,
      args: [
        ...['-Xms256m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError', ...OPENED],
        ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
        ...['-cp', `${settings}:${join(program.jars, '*')}`, 'org.apache.cassandra.service.CassandraDaemon'],
      ],
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      cwd: folder,
    }),
    isReady: () => answersQueries(port),
    readyWithinMs: 120_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 30_000,
    ipc: false,
  };
}

const FOLDERS = {
  data_file_directories: 'data',
  commitlog_directory: 'commitlog',
  saved_caches_directory: 'saved_caches',
  hints_directory: 'hints',
  cdc_raw_directory: 'cdc',
};

/** JSON is YAML. */
function settingsOf(folder: string, port: number, storagePort: number): string {
  const { data_file_directories, ...folders } = FOLDERS;
  return JSON.stringify({
    cluster_name: 'only2u',
    num_tokens: 16,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    seed_provider: [{ class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [{ seeds: `127.0.0.1:${storagePort}` }] }],
    listen_address: '127.0.0.1',
    rpc_address: '127.0.0.1',
    storage_port: storagePort,
    native_transport_port: port,
    endpoint_snitch: 'SimpleSnitch',
    commitlog_sync: 'periodic',
    commitlog_sync_period: '1000ms',
    data_file_directories: [join(folder, data_file_directories)],
    ...Object.fromEntries(Object.entries(folders).map(([name, path]) => [name, join(folder, path)])),
  });
}

/** Warnings only, and none about a laptop that is no server. */
const LOGBACK = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%level %logger{0} %msg%n</pattern></encoder></appender>
  <logger name="org.apache.cassandra.service.StartupChecks" level="ERROR"/>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`;

/** What Cassandra reaches into; the list of its own start script. */
const OPENED = [
  ...[
    ...[
      'io',
      'lang',
      'lang.module',
      'lang.ref',
      'lang.reflect',
      'math',
      'net',
      'nio',
      'util',
      'util.concurrent',
      'util.concurrent.atomic',
    ].map((name) => `java.base/java.${name}`),
    ...['loader', 'math', 'misc', 'module', 'ref', 'reflect', 'util.jar'].map((name) => `java.base/jdk.internal.${name}`),
    'java.base/sun.nio.ch',
    'jdk.management/com.sun.management.internal',
  ].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
  ...[
    ...['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch'].map((name) => `java.base/${name}`),
    'java.management.rmi/com.sun.jmx.remote.internal.rmi',
    ...['sun.rmi.registry', 'sun.rmi.server'].map((name) => `java.rmi/${name}`),
    'java.sql/java.sql',
  ].map((name) => `--add-exports=${name}=ALL-UNNAMED`),
];

/** The port opens a little before the server answers. */
async function answersQueries(port: number): Promise<boolean> {
  if (await isFree(port)) return false;
  const client = new Client({ contactPoints: [`127.0.0.1:${port}`], localDataCenter: cassandraDataCenter });
  try {
    await client.execute('SELECT release_version FROM system.local');
    return true;
  } finally {
    await client.shutdown();
  }
}
