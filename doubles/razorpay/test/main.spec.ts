import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';

const main = join(import.meta.dirname, '..', 'main.ts');
const keys = ['--key-id', 'rzp_test_x', '--key-secret', 'very-secret'];
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Run {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  exit: Promise<number | null>;
}

function run(args: string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, out: () => texts.out, err: () => texts.err, exit };
}

async function listening(process: Run): Promise<{ url: string; controlUrl: string }> {
  await expect.poll(process.out, { timeout: 15_000 }).toContain('\n');
  return JSON.parse(process.out());
}

it('says in one line of JSON where it listens, tells no secret, and leaves at SIGTERM', async () => {
  const process = run(['--port', '0', '--control-port', '0', ...keys]);
  const { url, controlUrl, ...line } = await listening(process);
  expect(line).toEqual({ event: 'razorpay_sim.listening', pid: process.child.pid });
  expect((await fetch(`${controlUrl}/ledger`)).status).toBe(200);
  process.child.kill('SIGTERM');
  expect(await process.exit).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  expect(process.out() + process.err()).not.toContain('very-secret');
});

it('takes variables where there is no flag, and keeps its ledger over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'razorpay-sim-'));
  try {
    const environment = {
      RAZORPAY_KEY_ID: 'rzp_test_x',
      RAZORPAY_KEY_SECRET: 'very-secret',
      RAZORPAY_SIM_PORT: '0',
      RAZORPAY_SIM_CONTROL_PORT: '0',
      RAZORPAY_SIM_LEDGER_FILE: join(folder, 'deeper', 'ledger.jsonl'),
    };
    const authorization = `Basic ${btoa('rzp_test_x:very-secret')}`;
    const first = run([], environment);
    const { url } = await listening(first);
    const body = '{"amount":5000,"currency":"INR"}';
    const created = await fetch(`${url}/v1/orders`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body,
    });
    const { id } = (await created.json()) as { id: string };
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
    const second = run([], environment);
    const again = await listening(second);
    expect((await fetch(`${again.url}/v1/orders/${id}`, { headers: { authorization } })).status).toBe(200);
    second.child.kill('SIGTERM');
    await second.exit;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('prints its help', async () => {
  const process = run(['--help']);
  expect(await process.exit).toBe(0);
  expect(process.out()).toContain('--webhook-url');
});

it.each([
  [['--nonsense', ...keys], '--nonsense'],
  [[], '--key-id or RAZORPAY_KEY_ID is needed'],
  [['--port', '70000', ...keys], '--port takes a port'],
  [['--refund-mode', 'never', ...keys], 'instant or pending'],
  [['--port', '0', '--control-port', '0', '--webhook-url', 'http://127.0.0.1:1', ...keys], 'needs a webhook secret'],
])('refuses %j in one line', async (args, message) => {
  const process = run(args);
  expect(await process.exit).toBe(1);
  expect(process.out()).toBe('');
  expect(process.err().trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(process.err())).toMatchObject({ event: 'razorpay_sim.failed', error: expect.stringContaining(message) });
});

it('names the port that is taken, and leaves nothing half started', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const process = run(['--port', '0', '--control-port', port, ...keys]);
  expect(await process.exit).toBe(1);
  expect(process.err()).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  other.close();
});
