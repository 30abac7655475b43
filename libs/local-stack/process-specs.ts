import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { razorpaySimulatorPorts, type Service } from '#libs/runtime/topology';
import { acceptsConnections, answersHttp } from './readiness.ts';
import type { Secrets } from './secrets.ts';
import type { Command, ProcessSpec } from './supervised-process.ts';

export function appFile(root: string, service: Service): string {
  return join(root, 'dist', 'apps', service.name, 'src', 'main.js');
}

/** `node <file> <args>` in the clone, by the Node that runs us: the one in a plain shell may be older. */
export function nodeCommand(root: string, args: readonly string[], env: Readonly<Record<string, string>>): Command {
  return { file: process.execPath, args, env, cwd: root };
}

/** What runs these services: the one's own program, or the one that starts several. */
export const programOf = (root: string, members: readonly Service[]): string =>
  members.length === 1 && members[0] !== undefined ? appFile(root, members[0]) : join(root, 'dist', 'libs', 'runtime', 'together.js');

export interface ServiceProcess {
  readonly name: string;
  readonly port: number;
  /** Of each service in it. */
  readonly probePorts: readonly number[];
  readonly program: string;
  /** Asked anew at every start. */
  readonly env: () => Readonly<Record<string, string>>;
}

export function serviceSpec(root: string, { name, port, probePorts, program, env }: ServiceProcess, host: string): ProcessSpec {
  const isReady = async (): Promise<boolean> => {
    const answers = await Promise.all(probePorts.map((probePort) => answersHttp(probePort, '/health/ready', host)));
    return answers.every(Boolean);
  };
  return {
    name,
    port,
    command: () => nodeCommand(root, [program], env()),
    isReady,
    readyWithinMs: 90_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 20_000,
    ipc: true,
  };
}

export interface RazorpaySandbox {
  readonly port: number;
  readonly controlPort: number;
  readonly url: string;
  readonly controlUrl: string;
  readonly keyId: string;
  readonly keySecret: string;
  readonly webhookSecret: string;
}

export function razorpaySandbox(portOffset: number, secrets: Secrets): RazorpaySandbox {
  const port = razorpaySimulatorPorts.checkout + portOffset;
  const controlPort = razorpaySimulatorPorts.control + portOffset;
  return {
    port,
    controlPort,
    url: `http://127.0.0.1:${port}`,
    controlUrl: `http://127.0.0.1:${controlPort}`,
    keyId: secrets.RAZORPAY_KEY_ID,
    keySecret: secrets.RAZORPAY_KEY_SECRET,
    webhookSecret: secrets.RAZORPAY_WEBHOOK_SECRET,
  };
}

export function razorpaySimulator(root: string): string {
  return join(root, 'doubles', 'razorpay', 'main.ts');
}

export function hasRazorpaySimulator(root: string): boolean {
  return existsSync(razorpaySimulator(root));
}

export function razorpaySpec(root: string, sandbox: RazorpaySandbox, webhookUrl: string, ledgerFile: string): ProcessSpec {
  const flags = {
    port: String(sandbox.port),
    'control-port': String(sandbox.controlPort),
    'key-id': sandbox.keyId,
    'key-secret': sandbox.keySecret,
    'webhook-url': webhookUrl,
    'webhook-secret': sandbox.webhookSecret,
    'ledger-file': ledgerFile,
  };
  const args = ['--conditions=source', razorpaySimulator(root), ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
  return {
    name: 'razorpay-sim',
    port: sandbox.port,
    command: () => nodeCommand(root, args, { PATH: process.env.PATH ?? '' }),
    isReady: async () => (await acceptsConnections(sandbox.port)) && acceptsConnections(sandbox.controlPort),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
    ipc: false,
  };
}
