/** What a test may change while the simulator runs. A reset or a restart brings the values of the start back. */
export interface Settings {
  /** `instant`: a refund is processed as it is created. `pending`: it waits to be finished or failed by a control. */
  refundMode: 'instant' | 'pending';
  /** Ms after which a payment made by the page's "Pay late" button is authorised by itself; null: only by a control. */
  lateAfterMs: number | null;
  /** Seconds after which a payment left `authorized` goes back to the customer. Razorpay's pages say 3 days or 5. */
  authorisedForSeconds: number;
  /** What another body under a used X-Refund-Idempotency key gets; Razorpay's pages say both. */
  refundKeyConflictStatus: 400 | 409;
  /** Ms between an event and the first attempt to deliver it. */
  webhookDelayMs: number;
}

export const defaultSettings: Settings = {
  refundMode: 'instant',
  lateAfterMs: 20_000,
  authorisedForSeconds: 3 * 24 * 60 * 60,
  refundKeyConflictStatus: 400,
  webhookDelayMs: 0,
};

/** How failed deliveries are repeated. Razorpay gives up after 24 h and then disables the webhook; its intervals are not published. */
export interface WebhookRetry {
  /** Longest wait for an answer. */
  timeoutMs: number;
  firstDelayMs: number;
  /** Each delay is the one before times this. */
  factor: number;
  maxDelayMs: number;
  /** Since the event's creation. */
  giveUpAfterMs: number;
}

export const defaultWebhookRetry: WebhookRetry = {
  timeoutMs: 5_000,
  firstDelayMs: 1_000,
  factor: 2,
  maxDelayMs: 60 * 60 * 1000,
  giveUpAfterMs: 24 * 60 * 60 * 1000,
};
