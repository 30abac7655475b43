import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CollectedSpan, TraceCollector } from '#libs/testing/trace-collector';
import { currentRequest, runInRequest } from './context.ts';
import { inLinkedSpan, inSpan, isTracing, linked, presentTrace, SpanKind, startTracing, type TracingOptions } from './tracing.ts';

let collector: TraceCollector;
let spans: CollectedSpan[];
const suite = (sampler: TracingOptions['sampler']): TracingOptions => ({
  service: 'suite',
  instance: 'suite-1',
  version: '1',
  endpoint: collector.endpoint,
  sampler,
  ratio: 1,
});

beforeAll(async () => {
  collector = await TraceCollector.start();
  spans = collector.spans;
});
afterAll(() => collector.stop());

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

it('links what comes later to the request that a row’s thing began with, once, and gives rounds a trace of their own for it', async () => {
  spans.length = 0;
  const stop = await startTracing(suite('always_on'));
  const row = await inSpan('order.place', SpanKind.SERVER, {}, async () => ({ traceparent: presentTrace() }));
  await inSpan('payment.webhook', SpanKind.SERVER, {}, async () => {
    await inSpan('SELECT orders', SpanKind.CLIENT, {}, async () => undefined);
    for (let time = 0; time < 3; time += 1) linked(row);
  });
  await inLinkedSpan('order.resume_checkout', row.traceparent, async () => {
    linked(row);
    await inSpan('SELECT orders', SpanKind.CLIENT, {}, async () => undefined);
  });
  // What has no trace makes none, and its own trace is no other one.
  await inLinkedSpan('order.resume_checkout', null, async () => linked({ traceparent: null }));
  await inSpan('order.view', SpanKind.SERVER, {}, async () => linked({ traceparent: presentTrace() }));
  await stop();
  const linksOf = (name: string) => spans.filter((span) => span.name === name).map(({ links = [] }) => links);
  const placed = spans.find(({ name }) => name === 'order.place');
  const link = expect.objectContaining({ traceId: placed?.traceId, spanId: placed?.spanId });
  expect(linksOf('payment.webhook')).toEqual([[link]]);
  expect(linksOf('order.resume_checkout')).toEqual([[link]]);
  expect(linksOf('order.view')).toEqual([[]]);
  expect(linksOf('SELECT orders')).toEqual([[], []]);
  const traces = new Map(spans.map(({ name, traceId }) => [name, traceId]));
  expect(traces.get('SELECT orders')).toBe(traces.get('order.resume_checkout'));
  expect(new Set(traces.values()).size).toBe(4);
});
