import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { AnyContract } from '#libs/contracts/contract';
import { Refusal, refuse } from '#libs/contracts/errors';
import { Edge } from './edge.ts';
import type { EdgeReply, EdgeRequest } from './edge-request.ts';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Everything that ends before a route answers: unknown paths, wrong methods, guards, bodies that Fastify refuses. */
@Catch()
export class EdgeFilter implements ExceptionFilter {
  private readonly paths: readonly KnownPath[];

  constructor(
    private readonly edge: Edge,
    contracts: readonly AnyContract[],
    pages: readonly string[],
  ) {
    const byPattern = new Map<string, KnownPath>();
    for (const contract of contracts) {
      for (const { method, path } of Object.values(contract.operations)) {
        if (method === undefined || path === undefined) continue;
        const source = `^${path.replace(/[.\-~]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`;
        const known = byPattern.get(source) ?? { pattern: new RegExp(source), methods: new Set<string>() };
        known.methods.add(method);
        if (method === 'GET') known.methods.add('HEAD');
        byPattern.set(source, known);
      }
    }
    for (const page of pages)
      byPattern.set(page, { pattern: new RegExp(`^${page.replaceAll('.', '\\.')}$`), methods: new Set(['GET', 'HEAD']) });
    this.paths = [...byPattern.values()];
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<EdgeReply>();
    const request = http.getRequest<EdgeRequest>();
    this.edge.answerProblem(this.refusalOf(error, request, reply), request, reply);
  }

  private refusalOf(error: unknown, request: EdgeRequest, reply: EdgeReply): unknown {
    if (error instanceof Refusal) return error;
    const status = statusOf(error);
    // A method that no route takes is refused whatever its body is.
    if (status === 404 || request.is404) return this.unknownRoute(request, reply);
    if (status === 401) return refuse('unauthenticated');
    if (status === 413) return refuse('payload_too_large');
    if (status === 415) return refuse('unsupported_media_type');
    if (status !== undefined && status < 500) return refuse('malformed');
    return error;
  }

  private unknownRoute(request: EdgeRequest, reply: EdgeReply): Refusal {
    const path = request.url.split('?')[0] ?? '';
    const methods = new Set(this.paths.filter(({ pattern }) => pattern.test(path)).flatMap((known) => [...known.methods]));
    if (methods.size === 0) return refuse('not_found', 'There is no such path');
    reply.header('allow', [...methods].sort().join(', '));
    return refuse('method_not_allowed');
  }
}

/** Of Nest's exceptions and of Fastify's errors. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
