/** An event on its way to one subscriber. */
export interface OutboxRow {
  readonly id: string;
  /** `payment.captured` */
  readonly event: string;
  readonly version: number;
  readonly subscriber: string;
  /** JSON. */
  readonly payload: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly requestId: string;
  readonly traceparent: string | null;
}
