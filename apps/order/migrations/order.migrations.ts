import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Orders1764000100000 } from './1764000100000-orders.ts';
import { Money1764000200000 } from './1764000200000-money.ts';
import { Lifecycle1764000300000 } from './1764000300000-lifecycle.ts';
import { Invoices1764000400000 } from './1764000400000-invoices.ts';
import { RefundsAtRazorpay1764000500000 } from './1764000500000-refunds-at-razorpay.ts';
import { ReturnsAndBilling1764000600000 } from './1764000600000-returns-and-billing.ts';
import { Traces1764000700000 } from './1764000700000-traces.ts';
import { Changes1764000800000 } from './1764000800000-changes.ts';
import { SearchWords1764000900000 } from './1764000900000-search-words.ts';
import { RejectedCaptures1764000990000 } from './1764000990000-rejected-captures.ts';

export const migrations = [
  MessagingTables1764000000000,
  Orders1764000100000,
  Money1764000200000,
  Lifecycle1764000300000,
  Invoices1764000400000,
  RefundsAtRazorpay1764000500000,
  ReturnsAndBilling1764000600000,
  Traces1764000700000,
  Changes1764000800000,
  SearchWords1764000900000,
  RejectedCaptures1764000990000,
];
