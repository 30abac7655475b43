/** Razorpay's objects as its API and webhooks show them. Amounts in the currency's smallest unit (paise), times in Unix seconds. */

/** An empty object comes back from Razorpay as an empty list, so typed clients must read both. */
export type Notes = Record<string, string | number> | [];

export interface Order {
  id: string;
  entity: 'order';
  amount: number;
  amount_paid: number;
  amount_due: number;
  currency: string;
  receipt: string | null;
  offer_id: null;
  /** Stays `paid` after refunds. */
  status: 'created' | 'attempted' | 'paid';
  attempts: number;
  notes: Notes;
  created_at: number;
}

export const PAYMENT_METHODS = ['upi', 'card', 'netbanking'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

export interface Card {
  id: string;
  entity: 'card';
  name: string;
  last4: string;
  network: string;
  type: string;
  issuer: string | null;
  international: boolean;
  emi: boolean;
  sub_type: string;
  token_iin: null;
}

export interface Payment {
  id: string;
  entity: 'payment';
  amount: number;
  currency: string;
  /** `failed` is not final: a late answer of the bank makes it `authorized`. */
  status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed';
  order_id: string;
  invoice_id: null;
  international: boolean;
  method: PaymentMethod;
  amount_refunded: number;
  refund_status: null | 'partial' | 'full';
  captured: boolean;
  description: string | null;
  card_id: string | null;
  card?: Card;
  bank: string | null;
  wallet: null;
  vpa: string | null;
  email: string;
  contact: string;
  notes: Notes;
  /** Fee with its GST, from the capture on. */
  fee: number | null;
  tax: number | null;
  error_code: string | null;
  error_description: string | null;
  error_source: string | null;
  error_step: string | null;
  error_reason: string | null;
  acquirer_data: Record<string, string | null>;
  created_at: number;
  upi?: { payer_account_type: string; vpa: string };
}

export interface Refund {
  id: string;
  entity: 'refund';
  amount: number;
  currency: string;
  payment_id: string;
  notes: Notes;
  receipt: string | null;
  acquirer_data: { arn: string | null };
  created_at: number;
  batch_id: null;
  status: 'pending' | 'processed' | 'failed';
  speed_processed: 'normal' | 'instant';
  speed_requested: 'normal' | 'optimum';
}

export interface Dispute {
  id: string;
  entity: 'dispute';
  payment_id: string;
  amount: number;
  currency: string;
  /** Above 0 only once lost. */
  amount_deducted: number;
  reason_code: string;
  respond_by: number;
  status: 'open' | 'under_review' | 'won' | 'lost' | 'closed';
  phase: 'fraud' | 'retrieval' | 'chargeback' | 'pre_arbitration' | 'arbitration';
  created_at: number;
}

/** The list shape of every Razorpay endpoint that answers with more than one object. */
export interface Collection<T> {
  entity: 'collection';
  count: number;
  items: T[];
}

export function collection<T>(items: T[]): Collection<T> {
  return { entity: 'collection', count: items.length, items };
}

/** What an order was created with and Razorpay does not show again. */
export interface CaptureRule {
  mode: 'automatic' | 'manual';
  /** Minutes after which a payment authorised late is no longer captured automatically. */
  automaticExpiryMinutes: number | null;
  /** Minutes after which a payment still `authorized` goes back to the customer. */
  manualExpiryMinutes: number | null;
}

export interface OrderRecord {
  entity: Order;
  capture: CaptureRule;
}

export interface PaymentRecord {
  entity: Payment;
  capturedAt: number | null;
  /** When the bank's late answer comes by itself, in ms of the simulator's clock. */
  authoriseAt: number | null;
  /** When a payment left `authorized` goes back, in ms of the simulator's clock. */
  returnAt: number | null;
}

export interface RefundRecord {
  entity: Refund;
  processedAt: number | null;
}

export interface DisputeRecord {
  entity: Dispute;
}
