import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { collectProcessMetrics, metrics } from '#libs/observability/metrics';

/** A connection that the process cannot serve without. */
export interface Requirement {
  readonly name: string;
  readonly isUp: () => boolean;
}

/** Whether the process can serve: its required connections are up and it is not draining. */
export class Readiness {
  private draining = false;
  private readonly requirements: Requirement[] = [];

  require(requirement: Requirement): void {
    this.requirements.push(requirement);
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

  get isReady(): boolean {
    return !this.draining && this.missing.length === 0;
  }
}

/** `GET /health/live` (the process itself), `/health/ready` (its required connections) and `/metrics`, on every process. */
export function serveProbes(app: NestFastifyApplication, readiness: Readiness, mayRead: (address: string) => boolean): void {
  const fastify = app.getHttpAdapter().getInstance();
  collectProcessMetrics();
  fastify.addHook('onRequest', async (request, reply) => {
    const isProbe = request.url.startsWith('/health/') || request.url === '/metrics';
    if (isProbe && !mayRead(request.socket.remoteAddress ?? '')) return reply.status(404).send();
    return undefined;
  });
  fastify.get('/health/live', () => ({ status: 'live' }));
  fastify.get('/health/ready', (_request, reply) =>
    readiness.isReady
      ? { status: 'ready' }
      : reply.status(503).send({ status: readiness.isDraining ? 'draining' : 'not_ready', missing: readiness.missing }),
  );
  fastify.get('/metrics', async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.metrics()));
}
