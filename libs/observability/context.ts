import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line, span and outgoing call of one request shares. */
export interface RequestContext {
  readonly requestId: string;
  /** Milliseconds on the bus clock; absent for background work, which sets its own. */
  readonly deadline?: number;
  /** W3C trace context. */
  readonly traceparent?: string;
  /** Links the span at hand to another one; absent where no spans are made. */
  readonly linkTo?: (traceparent: string) => void;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const currentRequest = (): RequestContext | undefined => storage.getStore();
export const runInRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);
/** For background work: without the request, deadline and trace of whoever happened to set it going. */
export const runOutsideRequests = <T>(work: () => T): T => storage.exit(work);
