import { pino } from 'pino';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';

/**
 * `node dist/libs/testing/bus-replica.js <redis url> <secret> <service> <slots>`: a replica of its own process, so that a test can kill it. `work` waits as many
 * milliseconds as its input says, counts itself in Redis and answers with the process id.
 */
const [, , redisUrl = '', secret = '', service = '', slots = '4'] = process.argv;
const logger = pino({ level: 'silent' });
const bus = new BusClient({ redisUrl, secret, service, logger });
const server = new BusServer({
  bus,
  logger,
  slots: Number(slots),
  routeFor: (_pattern, _extras, handle) => ({
    serve: async (_header, body) => JSON.stringify(await handle(JSON.parse(body.toString()), undefined)),
  }),
});
server.addHandler(`${service}.work`, async (input: { id: number; waitMs: number }) => {
  await bus.commands.hincrby('started', String(input.id), 1);
  await new Promise((resolve) => setTimeout(resolve, input.waitMs));
  await bus.commands.hincrby('finished', String(input.id), 1);
  return { pid: process.pid };
});
await server.listen(() => process.send?.('ready'));
process.on('SIGTERM', async () => {
  await server.close();
  await bus.close();
  process.exit(0);
});
process.on('disconnect', () => process.exit(0));
