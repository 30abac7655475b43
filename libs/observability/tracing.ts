import {
  type Attributes,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
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
  const parent = currentRequest()?.traceparent;
  if (tracer === undefined || (kind !== SpanKind.SERVER && parent === undefined)) return work();
  const above = contextOf(parent);
  return within(
    tracer.startSpan(name, { kind, attributes }, above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above)),
    work,
  );
}

/**
 * Runs what a background loop does for a thing that a request began (`traceparent`, as the thing's row keeps it): a trace of its own, linked
 * to that request's. A plain call for a thing without a trace.
 */
export function inLinkedSpan<T>(name: string, traceparent: string | null, work: () => Promise<T>): Promise<T> {
  const began = contextOf(traceparent);
  if (tracer === undefined || began === undefined) return work();
  return within(tracer.startSpan(name, { kind: SpanKind.INTERNAL, links: [{ context: began }] }, ROOT_CONTEXT), work, [began.traceId]);
}

/** The trace that a new thing's row keeps, for `inLinkedSpan` and `linked`. */
export const presentTrace = (): string | null => currentRequest()?.traceparent ?? null;

/** Links the span at hand to the request that the row's thing began with, so that one purchase is one trace or linked ones. */
export function linked<Row extends { readonly traceparent: string | null } | undefined>(row: Row): Row {
  if (row?.traceparent != null) currentRequest()?.linkTo?.(row.traceparent);
  return row;
}

function within<T>(span: Span, work: () => Promise<T>, known: readonly string[] = []): Promise<T> {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const request = currentRequest();
  const reached = new Set([traceId, ...known]);
  const linkTo = (other: string): void => {
    const context = contextOf(other);
    if (context === undefined || reached.has(context.traceId)) return;
    reached.add(context.traceId);
    span.addLink({ context });
  };
  return runInRequest({ ...request, requestId: request?.requestId ?? traceId, traceparent, linkTo }, async () => {
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

function contextOf(traceparent: string | null | undefined): SpanContext | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  const [, traceId = '', spanId = '', flags = '00'] = match ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}
