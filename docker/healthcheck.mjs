// Asks the process of this container whether it is ready: a service at its probes, Razorpay's double at its port. A migration has nothing to ask.
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { probePortDistance, razorpaySimulatorPorts, serviceNames, serviceOf } from '../dist/libs/runtime/topology.js';

const commands = readdirSync('/proc')
  .filter((name) => /^\d+$/.test(name))
  .flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return [];
    }
  });

if (commands.some((command) => command.includes('dist/doubles/razorpay/main.js'))) {
  connect(razorpaySimulatorPorts.checkout, '127.0.0.1')
    .once('connect', () => process.exit(0))
    .once('error', () => process.exit(1));
} else {
  const started = serviceNames.find((name) => commands.some((command) => command.includes(`dist/apps/${name}/src/main.js`)));
  const together = commands.some((command) => command.includes('dist/libs/runtime/together.js'));
  const first = serviceNames.find((name) => name === process.env.APP?.split(',')[0]) ?? 'gateway';
  const service = started ?? (together ? first : undefined);
  if (service !== undefined) {
    const port = process.env.PROBE_PORT || Number(process.env.PORT || serviceOf(service).port) + probePortDistance;
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
    process.exitCode = answer?.ok === true ? 0 : 1;
  }
}
