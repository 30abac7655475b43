import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentRequest, runInRequest } from './context.ts';
import { inSpan, isTracing, SpanKind, startTracing } from './tracing.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

let collector: Server;
let endpoint: string;
const spans: Span[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
      for (const resource of resourceSpans) for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as { port: number }).port}`;
});
afterAll(() => new Promise((resolve) => collector.close(resolve)));

it('is a plain call while nobody collects traces', async () => {
  expect(isTracing()).toBe(false);
  expect(await inSpan('nothing', SpanKind.CLIENT, {}, async () => currentRequest())).toBeUndefined();
});

it('makes one trace of nested work, carried across a hop by the request context, and tells of failures', async () => {
  const stop = await startTracing('suite', 'suite-1', endpoint);
  await runInRequest({ requestId: 'r-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () =>
    inSpan('edge', SpanKind.SERVER, {}, async () => {
      const crossing = currentRequest()?.traceparent;
      // The other side of the bus has only what the envelope carried.
      await runInRequest({ requestId: 'r-1', ...(crossing === undefined ? {} : { traceparent: crossing }) }, () =>
        inSpan('service', SpanKind.SERVER, {}, () => inSpan('sql', SpanKind.CLIENT, {}, () => Promise.reject(new Error('no')))).catch(
          () => undefined,
        ),
      );
    }),
  );
  await stop();
  const byName = new Map(spans.map((span) => [span.name, span]));
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
  expect(byName.get('edge')?.parentSpanId).toBe('b7ad6b7169203331');
  expect(byName.get('service')?.parentSpanId).toBe(byName.get('edge')?.spanId);
  expect(byName.get('sql')?.parentSpanId).toBe(byName.get('service')?.spanId);
  expect(isTracing()).toBe(false);
});
