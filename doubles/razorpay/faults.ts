import type { FastifyReply, FastifyRequest } from 'fastify';
import { tooManyRequests } from './razorpay-error.ts';

export const faultKinds = ['hang', 'hang-after-commit', '429', '502-html', 'reset-before-commit', 'reset-after-commit', 'delay'] as const;
/**
 * `hang` never answers and changes nothing; `hang-after-commit` never answers and has done it. `reset-…` cuts the connection before or after the
 * change. `delay` answers late. `429` and `502-html` refuse and change nothing.
 */
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** `POST /v1/orders`, or `*` for every endpoint. */
  endpoint: string;
  kind: FaultKind;
  /** How many requests it still meets; null until cleared. */
  times: number | null;
  delayMs: number;
}

/** The faults that are set, oldest first; a request meets the first that names its endpoint. */
export class Faults {
  #list: Fault[] = [];

  add(fault: Fault): void {
    this.#list.push({ ...fault });
  }

  list(): Fault[] {
    return this.#list.map((fault) => ({ ...fault }));
  }

  clear(): void {
    this.#list = [];
  }

  take(endpoint: string): Fault | undefined {
    if (this.#list.length === 0) return undefined;
    const fault = this.#list.find((candidate) => candidate.endpoint === '*' || candidate.endpoint === endpoint);
    if (fault === undefined || fault.times === null) return fault;
    fault.times -= 1;
    if (fault.times === 0) this.#list = this.#list.filter((candidate) => candidate !== fault);
    return fault;
  }
}

/** The part of a fault before the work. True when the request ends here; it then resolves only once the request is over. */
export async function sufferBefore(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      await hang(request, reply);
      return true;
    case 'reset-before-commit':
      reset(request, reply);
      return true;
    case '429':
      throw tooManyRequests();
    case '502-html':
      await reply
        .code(502)
        .type('text/html')
        .send(
          '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n',
        );
      return true;
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref());
      return false;
    default:
      return false;
  }
}

/** The part after the work. True when the answer is lost. */
export async function sufferAfter(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  if (fault.kind === 'reset-after-commit') reset(request, reply);
  else if (fault.kind === 'hang-after-commit') await hang(request, reply);
  else return false;
  return true;
}

function reset(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.resetAndDestroy();
}

function hang(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.hijack();
  const { socket } = request.raw;
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
}
