import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { highestPort, highestPortOffset, probePortDistance, razorpaySimulatorPorts, services, storePorts } from '#libs/runtime/topology';

export interface WantedPort {
  readonly port: number;
  /** Who wants it. */
  readonly name: string;
  /** The variable that moves it. */
  readonly variable: string;
}

export class PortsTaken extends Error {
  override readonly name = 'PortsTaken';

  constructor(taken: readonly WantedPort[]) {
    const named = taken.map(({ port, name }) => `${port} (${name})`).join(', ');
    const variables = [...new Set(taken.map(({ variable }) => variable))].join(' or ');
    super(`Port ${named} is taken by another program. Stop that program, or move ours with ${variables}.`);
  }
}

/** @throws PortsTaken naming every port that something listens on. */
export async function requireFreePorts(wanted: readonly WantedPort[], host = '127.0.0.1'): Promise<void> {
  const free = await Promise.all(wanted.map(({ port }) => isFree(port, host)));
  const taken = wanted.filter((_, index) => free[index] === false);
  if (taken.length > 0) throw new PortsTaken(taken);
}

export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  // macOS lets a second program bind 127.0.0.1 beside one on 0.0.0.0, so binding alone does not tell.
  return !(await answers(port)) && (await binds(port, host));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => done(false));
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}

function binds(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const lowestRandomPort = 12_000;

/** A port below 32768 that nothing listens on; `except` are ports that are promised to somebody who does not listen yet. */
export async function freePort(except: ReadonlySet<number> = new Set(), host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = randomInt(lowestRandomPort, highestPort + 1);
    if (!except.has(port) && (await isFree(port, host))) return port;
  }
  throw new Error(`No free port between ${lowestRandomPort} and ${highestPort} after 200 tries`);
}

/**
 * The port of a process and that of its probes.
 * @param usual where it listens by the topology; undefined for another replica, which gets free ones
 */
export async function portsBeside(
  usual: number | undefined,
  taken: ReadonlySet<number>,
  host: string,
): Promise<{ readonly port: number; readonly probePort: number }> {
  const port = usual ?? (await freePort(taken, host));
  const beside = port + probePortDistance;
  // Another stack's process may listen there, if their offsets are a thousand apart.
  const isBeside = usual !== undefined && !taken.has(beside) && (await isFree(beside, host));
  return { port, probePort: isBeside ? beside : await freePort(new Set([...taken, port]), host) };
}

/** An offset at which every port of the topology is free, so that a test's stack disturbs no other. */
export async function freePortOffset(): Promise<number> {
  const base = [
    ...services.flatMap(({ port }) => [port, port + probePortDistance]),
    ...Object.values(storePorts),
    ...Object.values(razorpaySimulatorPorts),
  ];
  for (let tries = 0; tries < 100; tries += 1) {
    const offset = randomInt(5_000, highestPortOffset + 1);
    const free = await Promise.all(base.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('No offset at which all ports are free after 100 tries');
}
