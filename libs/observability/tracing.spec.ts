import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentRequest, runInRequest } from './context.ts';
import { inSpan, isTracing, SpanKind, startTracing, type TracingOptions } from './tracing.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

let collector: Server;
let endpoint: string;
const spans: Span[] = [];
const suite = (sampler: TracingOptions['sampler']): TracingOptions => ({
  service: 'suite',
  instance: 'suite-1',
  version: '1',
  endpoint,
  sampler,
  ratio: 1,
});

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

it('begins no trace for a statement or a call of a background loop', async () => {
  spans.length = 0;
  const stop = await startTracing(suite('always_on'));
  await inSpan('SELECT outbox', SpanKind.CLIENT, {}, async () => expect(currentRequest()).toBeUndefined());
  await inSpan('order.place', SpanKind.SERVER, {}, async () => undefined);
  await stop();
  expect(spans.map(({ name }) => name)).toEqual(['order.place']);
});

it('makes as many traces as the sampler says', async () => {
  spans.length = 0;
  for (const sampler of ['always_off', 'parentbased_traceidratio'] as const) {
    const stop = await startTracing({ ...suite(sampler), ratio: 0 });
    await inSpan('order.place', SpanKind.SERVER, {}, async () => undefined);
    await stop();
  }
  expect(spans).toEqual([]);
});

it('makes one trace of nested work, carried across a hop by the request context, and tells of failures', async () => {
  const stop = await startTracing(suite('parentbased_always_on'));
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
