import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How Cassandra is run on this machine: a Java 17 and the folder of Cassandra's jars. */
export interface CassandraProgram {
  readonly java: string;
  readonly jars: string;
}

const VERSION = '5.0.8';
const JAVA = 17;
const ADVICE = `Install a Java ${JAVA} runtime and Maven, or set CASSANDRA_CONTACT_POINTS to a Cassandra of your own.`;

/**
 * Java 17 and Maven of the PATH (or JAVA_HOME), else installed with apt (as root) or brew. Maven brings the jars once (66 MB) into the
 * clone's `node_modules/.cache`. `say` hears of an installation or a download before it begins.
 * @throws Error with one sentence on what to do.
 */
export function cassandraProgram(root: string, say: (sentence: string) => void): CassandraProgram {
  const java = javaFile() ?? installed('openjdk-17-jre-headless', 'openjdk@17', say, javaFile);
  if (java === undefined) throw new Error(`Cassandra needs Java ${JAVA}, and there is none. ${ADVICE}`);
  return { java, jars: jarsIn(join(root, 'node_modules', '.cache'), say) };
}

function javaFile(): string | undefined {
  const homes = [
    process.env.JAVA_HOME,
    '/usr/lib/jvm/java-17-openjdk-amd64',
    '/usr/lib/jvm/java-17-openjdk-arm64',
    '/opt/homebrew/opt/openjdk@17',
  ];
  const candidates = [...homes.flatMap((home) => (home ? [join(home, 'bin', 'java')] : [])), 'java'];
  // Writes its version to stderr: openjdk version "17.0.15" 2025-04-15.
  return candidates.find((file) => spawnSync(file, ['-version'], { encoding: 'utf8' }).stderr?.includes(`version "${JAVA}.`));
}

function mavenFile(): string | undefined {
  return spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status === 0 ? 'mvn' : undefined;
}

function jarsIn(cache: string, say: (sentence: string) => void): string {
  const jars = join(cache, `cassandra-${VERSION}`);
  if (existsSync(jars)) return jars;
  const maven = mavenFile() ?? installed('maven', 'maven', say, mavenFile);
  if (maven === undefined) throw new Error(`Cassandra's jars are fetched by Maven, and there is none. ${ADVICE}`);
  say(`Fetching Cassandra ${VERSION} (66 MB, once) with Maven`);
  mkdirSync(cache, { recursive: true });
  const project = mkdtempSync(join(tmpdir(), 'only2u-maven-'));
  const unfinished = `${jars}.${process.pid}`;
  try {
    writeFileSync(join(project, 'pom.xml'), pom());
    const args = ['-q', '-B', '-f', join(project, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime'];
    const { status, stdout, stderr } = spawnSync(maven, [...args, `-DoutputDirectory=${unfinished}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`Maven could not fetch Cassandra: ${lastLine(stdout) || lastLine(stderr)}. ${ADVICE}`);
    // Another start of this clone may have been quicker.
    if (!existsSync(jars)) renameSync(unfinished, jars);
  } finally {
    for (const folder of [project, unfinished]) rmSync(folder, { recursive: true, force: true });
  }
  return jars;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

function pom(): string {
  const artifact = (group: string, name: string, version: string) =>
    `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`;
  const dependency = `<dependency>${artifact('org.apache.cassandra', 'cassandra-all', VERSION)}</dependency>`;
  const own = `<modelVersion>4.0.0</modelVersion>${artifact('in.only2u', 'cassandra', '1')}`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">${own}<dependencies>${dependency}</dependencies></project>`;
}

function installed(debian: string, brew: string, say: (sentence: string) => void, find: () => string | undefined): string | undefined {
  if (process.platform === 'darwin' && succeeds('brew', ['--version'])) {
    say(`Installing what Cassandra needs with "brew install ${brew}"`);
    succeeds('brew', ['install', '--quiet', brew]);
  } else if (process.getuid?.() === 0 && succeeds('apt-get', ['--version'])) {
    say(`Installing what Cassandra needs with "apt-get install ${debian}"`);
    succeeds('apt-get', ['update', '-qq']);
    succeeds('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debian]);
  }
  return find();
}

function succeeds(file: string, args: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}
