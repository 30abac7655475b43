/** The simulator as a process of its own. */
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './simulator.ts';

const help = `node doubles/razorpay/main.ts [options]      a sandbox that answers like Razorpay

  --key-id rzp_test_x         RAZORPAY_KEY_ID             the API key that clients must send
  --key-secret x              RAZORPAY_KEY_SECRET         its secret; signs checkouts too
  --port 3090                 RAZORPAY_SIM_PORT           API and checkout page
  --control-port 3091         RAZORPAY_SIM_CONTROL_PORT   controls for tests; asks for no password
  --host 127.0.0.1            RAZORPAY_SIM_HOST
  --webhook-url http://...    RAZORPAY_WEBHOOK_URL        where events go; without it they are only recorded
  --webhook-secret x          RAZORPAY_WEBHOOK_SECRET     signs them
  --webhook-previous-secret x RAZORPAY_WEBHOOK_SECRET_PREVIOUS
  --ledger-file path          RAZORPAY_SIM_LEDGER_FILE    keeps everything over a restart
  --refund-mode instant       RAZORPAY_SIM_REFUND_MODE    or pending: refunds wait for a control
  --help                      this text

Key and secret are needed; a flag goes before its variable. README.md tells the controls.`;

const flags = {
  'key-id': { type: 'string' },
  'key-secret': { type: 'string' },
  port: { type: 'string' },
  'control-port': { type: 'string' },
  host: { type: 'string' },
  'webhook-url': { type: 'string' },
  'webhook-secret': { type: 'string' },
  'webhook-previous-secret': { type: 'string' },
  'ledger-file': { type: 'string' },
  'refund-mode': { type: 'string' },
} as const;
type Flag = keyof typeof flags;

const variables: Record<Flag, string> = {
  'key-id': 'RAZORPAY_KEY_ID',
  'key-secret': 'RAZORPAY_KEY_SECRET',
  port: 'RAZORPAY_SIM_PORT',
  'control-port': 'RAZORPAY_SIM_CONTROL_PORT',
  host: 'RAZORPAY_SIM_HOST',
  'webhook-url': 'RAZORPAY_WEBHOOK_URL',
  'webhook-secret': 'RAZORPAY_WEBHOOK_SECRET',
  'webhook-previous-secret': 'RAZORPAY_WEBHOOK_SECRET_PREVIOUS',
  'ledger-file': 'RAZORPAY_SIM_LEDGER_FILE',
  'refund-mode': 'RAZORPAY_SIM_REFUND_MODE',
};

function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): SimulatorOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { ...flags, help: { type: 'boolean', short: 'h' } },
    strict: true,
    allowPositionals: false,
  });
  if (values.help === true) return 'help';
  // An empty variable is an unset one.
  const read = (flag: Flag): string | undefined => values[flag] || environment[variables[flag]] || undefined;
  const needed = (flag: Flag): string => {
    const value = read(flag);
    if (value === undefined) throw new Error(`--${flag} or ${variables[flag]} is needed`);
    return value;
  };
  const port = (flag: Flag, otherwise: number): number => {
    const value = read(flag) ?? String(otherwise);
    if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new Error(`--${flag} takes a port, 0 to 65535`);
    return Number(value);
  };
  const refundMode = read('refund-mode') ?? 'instant';
  if (refundMode !== 'instant' && refundMode !== 'pending') throw new Error('--refund-mode takes instant or pending');
  return {
    keyId: needed('key-id'),
    keySecret: needed('key-secret'),
    port: port('port', 3090),
    controlPort: port('control-port', 3091),
    host: read('host'),
    webhookUrl: read('webhook-url'),
    webhookSecret: read('webhook-secret'),
    webhookPreviousSecret: read('webhook-previous-secret'),
    ledgerFile: read('ledger-file'),
    settings: { refundMode },
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(`${help}\n`);
    return;
  }
  // Imported only now, so that the cache takes in the whole of it: the second start takes half the time of the first.
  enableCompileCache();
  const { startSimulator } = await import('./simulator.ts');
  const simulator = await startSimulator(options);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    simulator.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  const { url, controlUrl } = simulator;
  process.stdout.write(`${JSON.stringify({ event: 'razorpay_sim.listening', url, controlUrl, pid: process.pid })}\n`);
}

function fail(error: unknown): void {
  // Node adds advice on positionals after the first sentence.
  const message = error instanceof Error ? (error.message.split('. ', 1)[0] ?? '') : String(error);
  process.stderr.write(`${JSON.stringify({ event: 'razorpay_sim.failed', error: message })}\n`);
  process.exit(1);
}

main().catch(fail);
