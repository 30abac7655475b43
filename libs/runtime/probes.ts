import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connectionUp, metrics, readyProcess } from '#libs/observability/metrics';

/** A connection that the process cannot serve without. */
export interface Requirement {
  readonly name: string;
  readonly isUp: () => boolean;
}

/** Whether the process can serve: its required connections are up and it is not draining. */
export class Readiness {
  private draining = false;
  private readonly requirements: Requirement[] = [];
  private readonly lifelines: Requirement[] = [];
  private readonly watched: Requirement[] = [];

  require(requirement: Requirement): void {
    this.requirements.push(requirement);
  }

  /** What a process cannot mend without being started anew. */
  requireForLife(requirement: Requirement): void {
    this.lifelines.push(requirement);
  }

  /** What a process gets along without for a while: the metrics tell of it, and it stays ready. */
  watch(connection: Requirement): void {
    this.watched.push(connection);
  }

  drain(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  get missing(): readonly string[] {
    return this.requirements.filter((requirement) => !requirement.isUp()).map((requirement) => requirement.name);
  }

  get stuck(): readonly string[] {
    return this.lifelines.filter((requirement) => !requirement.isUp()).map((requirement) => requirement.name);
  }

  get connections(): readonly Requirement[] {
    return [...this.requirements, ...this.watched];
  }

  get isReady(): boolean {
    return !this.draining && this.missing.length === 0;
  }
}

interface ProbeAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Of this process: whoever reads the metrics of one service gets those of all. */
const all = new Map<string, Readiness>();

const JSON_TYPE = 'application/json; charset=utf-8';

/** `GET /health/live` (the process itself), `/health/ready` (its required connections) and `/metrics`. */
export class Probes {
  private readonly answers: ReadonlyMap<string, () => ProbeAnswer | Promise<ProbeAnswer>>;

  constructor(
    service: string,
    private readonly readiness: Readiness,
  ) {
    all.set(service, readiness);
    this.answers = new Map<string, () => ProbeAnswer | Promise<ProbeAnswer>>([
      ['/health/live', () => this.live()],
      ['/health/ready', () => this.ready()],
      ['/metrics', () => this.measured()],
    ]);
  }

  /** On an address of their own, which the network keeps from the public. */
  async listen(port: number, host: string): Promise<Server> {
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, resolve);
    });
    return server;
  }

  /** On the process' public port too, as developers expect them. */
  addTo(app: NestFastifyApplication): void {
    for (const [path, answer] of this.answers) {
      app
        .getHttpAdapter()
        .getInstance()
        .get(path, async (_request, reply) => {
          const { status, type, body } = await answer();
          return reply.status(status).header('content-type', type).send(body);
        });
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = this.answers.get(request.url?.split('?')[0] ?? '');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (answer === undefined || !isRead) {
      response.writeHead(404).end();
      return;
    }
    const { status, type, body } = await answer();
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(request.method === 'HEAD' ? undefined : body);
  }

  private live(): ProbeAnswer {
    const { stuck } = this.readiness;
    const body = stuck.length === 0 ? { status: 'live' } : { status: 'stuck', stuck };
    return { status: stuck.length === 0 ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(body) };
  }

  private ready(): ProbeAnswer {
    const { isReady, isDraining, missing } = this.readiness;
    const body = isReady ? { status: 'ready' } : { status: isDraining ? 'draining' : 'not_ready', missing };
    return { status: isReady ? 200 : 503, type: JSON_TYPE, body: JSON.stringify(body) };
  }

  private async measured(): Promise<ProbeAnswer> {
    for (const [service, { isReady, connections }] of all) {
      readyProcess.set({ service }, isReady ? 1 : 0);
      for (const { name: connection, isUp } of connections) connectionUp.set({ service, connection }, isUp() ? 1 : 0);
    }
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  }
}
