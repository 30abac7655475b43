import { type Attributes, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { currentRequest, runInRequest } from './context.ts';

export { SpanKind } from '@opentelemetry/api';

let tracer: Tracer | undefined;

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface TracingOptions {
  readonly service: string;
  readonly instance: string;
  readonly version: string;
  readonly endpoint: string;
  readonly sampler: (typeof SAMPLERS)[number];
  /** Of the traces, for the samplers that have one. */
  readonly ratio: number;
}

/** Traces leave for an OTLP collector from here on. The SDK is loaded only then: it costs every process memory and start time. */
export async function startTracing({ service, instance, version, endpoint, sampler, ratio }: TracingOptions): Promise<() => Promise<void>> {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const base = { on: new sdk.AlwaysOnSampler(), off: new sdk.AlwaysOffSampler(), ratio: new sdk.TraceIdRatioBasedSampler(ratio) };
  const samplers = {
    always_on: base.on,
    always_off: base.off,
    traceidratio: base.ratio,
    parentbased_always_on: new sdk.ParentBasedSampler({ root: base.on }),
    parentbased_always_off: new sdk.ParentBasedSampler({ root: base.off }),
    parentbased_traceidratio: new sdk.ParentBasedSampler({ root: base.ratio }),
  };
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `only2u-${service}`, 'service.instance.id': instance, 'service.version': version }),
    sampler: samplers[sampler],
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  tracer = provider.getTracer('only2u');
  return async () => {
    tracer = undefined;
    await provider.shutdown();
  };
}

/** Whether spans are made at all; without, `inSpan` is a plain call. */
export const isTracing = (): boolean => tracer !== undefined;

/**
 * Runs `work` as a span below the one at hand. The request context carries the span as a W3C `traceparent`, which is also what crosses the
 * bus and the outbox, so one trace goes from the gateway to the last reaction. Only what a process is asked from outside begins a trace: a
 * statement or a call of a background loop belongs to none, and makes no span.
 */
export function inSpan<T>(name: string, kind: SpanKind, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  const request = currentRequest();
  if (tracer === undefined || (kind !== SpanKind.SERVER && request?.traceparent === undefined)) return work();
  const span = tracer.startSpan(name, { kind, attributes }, contextOf(request?.traceparent));
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  return runInRequest({ ...request, requestId: request?.requestId ?? traceId, traceparent }, async () => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

function contextOf(traceparent: string | undefined) {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  const [, traceId = '', spanId = '', flags = '00'] = match ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}
