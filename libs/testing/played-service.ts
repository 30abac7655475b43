import { pino } from 'pino';
import { BusClient } from '#libs/messaging/bus-client';
import { BusServer } from '#libs/messaging/bus-server';
import { BEAT_MS, Presence } from '#libs/messaging/presence';
import { Signals } from '#libs/messaging/signals';
import { TEST_BUS_SECRET } from './test-service.ts';

/** What a played service answers, by pattern; no answer is an empty one. */
export type Answers = Readonly<Record<string, (input: Record<string, unknown>) => unknown>>;

/** A living replica of a service that a suite plays, for processes that talk to it over the bus. */
export class PlayedService {
  private isSilent = false;

  private constructor(
    readonly bus: BusClient,
    readonly signals: Signals,
    private readonly server: BusServer,
    private readonly presence: Presence,
    private readonly beating: NodeJS.Timeout,
  ) {}

  static async start(redisUrl: string, service: string, answers: Answers): Promise<PlayedService> {
    const logger = pino({ level: 'silent' });
    const bus = new BusClient({ redisUrl, secret: TEST_BUS_SECRET, service, logger });
    const server = new BusServer({
      bus,
      logger,
      routeFor: (_pattern, _extras, handle) => ({
        serve: async (_header, body) => JSON.stringify((await handle(JSON.parse(body.toString() || '{}'), undefined)) ?? {}),
      }),
    });
    for (const [pattern, answer] of Object.entries(answers))
      server.addHandler(pattern, async (input: Record<string, unknown>) => answer(input));
    await server.listen(() => undefined);
    const presence = new Presence(bus);
    await presence.announce('http://127.0.0.1:1', () => true);
    const beating = setInterval(() => void presence.beat(), BEAT_MS);
    return new PlayedService(bus, new Signals(bus, logger), server, presence, beating);
  }

  /** It answers nothing any more; its bus stays. */
  async silence(): Promise<void> {
    if (this.isSilent) return;
    this.isSilent = true;
    clearInterval(this.beating);
    await this.presence.leave();
    await this.server.close();
  }

  async stop(): Promise<void> {
    await this.silence();
    this.signals.stop();
    await this.bus.close();
  }
}
