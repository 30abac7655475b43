import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

interface Export {
  readonly resourceSpans: { readonly scopeSpans: { readonly spans: CollectedSpan[] }[] }[];
}

/** Takes traces as an OTLP collector does, and keeps their spans. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TraceCollector> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
        for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) collector.spans.push(...spans);
        response.end('{}');
      });
    });
    const collector = new TraceCollector(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Traces that hang together: those that a span of one links to another, directly or over others, with the names of their spans. */
export function connectedTraces(spans: readonly CollectedSpan[]): Set<string>[] {
  const links = spans.flatMap(({ traceId, links: linked = [] }) => linked.map((link) => [traceId, link.traceId] as const));
  const groups: Set<string>[] = [];
  for (const { traceId } of spans) {
    if (groups.some((group) => group.has(traceId))) continue;
    const group = new Set([traceId]);
    for (let size = 0; size < group.size; ) {
      size = group.size;
      for (const [one, other] of links) if (group.has(one) || group.has(other)) group.add(one).add(other);
    }
    groups.push(group);
  }
  return groups.map((group) => new Set(spans.filter(({ traceId }) => group.has(traceId)).map(({ name }) => name)));
}
