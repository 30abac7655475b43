/** `npm run cassandra`: a real Cassandra on this machine, until Ctrl-C, for `npm start` to use. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startCassandra } from '#libs/local-stack/cassandra';
import { cassandraProgram } from '#libs/local-stack/cassandra-program';
import { lockDataDir } from '#libs/local-stack/lock';
import { requireFreePorts } from '#libs/local-stack/ports';
import { localStackEnv } from '#libs/local-stack/stack.env';
import { Supervisor, sweepLeftovers } from '#libs/local-stack/supervisor';
import { environment } from '#libs/runtime/environment';
import { cloneRoot } from '#libs/runtime/project-root';
import { settings } from '#libs/runtime/settings';
import { cassandraPorts } from '#libs/runtime/topology';
import { helpOnly } from './help.ts';
import { complain, explain, say, timed } from './progress.ts';
import { loadDotEnv } from './start.ts';
import { onStop } from './stopping.ts';

helpOnly(`npm run cassandra

Starts one node of Apache Cassandra and keeps it until Ctrl-C; a second start finds the data of the first. It needs Java 17 and, the first
time, Maven, and installs both where apt (as root) or brew can.
DATA_DIR and PORT_OFFSET allow a second one beside the first.`);

const { DATA_DIR, PORT_OFFSET } = environment({
  DATA_DIR: localStackEnv.variables.DATA_DIR,
  PORT_OFFSET: settings.variables.PORT_OFFSET,
}).read(loadedEnvironment());

function loadedEnvironment(): NodeJS.ProcessEnv {
  loadDotEnv();
  return process.env;
}

const folder = join(resolve(cloneRoot(), DATA_DIR), 'cassandra');
mkdirSync(folder, { recursive: true, mode: 0o700 });
const port = cassandraPorts.client + PORT_OFFSET;
const storagePort = cassandraPorts.storage + PORT_OFFSET;

try {
  const lock = lockDataDir(folder);
  try {
    await run();
  } finally {
    lock.release();
  }
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}

async function run(): Promise<void> {
  await sweepLeftovers(folder);
  await requireFreePorts([
    { port, name: 'cassandra', variable: 'PORT_OFFSET' },
    { port: storagePort, name: "cassandra's storage", variable: 'PORT_OFFSET' },
  ]);
  const program = cassandraProgram(cloneRoot(), say);
  const supervisor = new Supervisor({
    dataDir: folder,
    log: (_, line) => say(line),
    remark: (_, sentence) => say(sentence),
    autoRestart: true,
    scratch: [],
  });
  const asked = Promise.withResolvers<void>();
  onStop(() => asked.resolve());
  try {
    await Promise.race([timed('cassandra', () => startCassandra(supervisor, { folder, port, storagePort, program })), asked.promise]);
    say(
      `\nCassandra listens on 127.0.0.1:${port}. Start the shop on it with\n\n  CASSANDRA_CONTACT_POINTS=127.0.0.1:${port} npm start\n\nCtrl-C stops it.`,
    );
    await asked.promise;
  } finally {
    await supervisor.stopAll(() => 0);
  }
}
