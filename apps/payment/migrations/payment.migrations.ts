import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Payments1764300000000 } from './1764300000000-payments.ts';
import { RefundsOfOrders1764300100000 } from './1764300100000-refunds-of-orders.ts';
import { LostDisputes1764300200000 } from './1764300200000-lost-disputes.ts';
import { Retention1764300300000 } from './1764300300000-retention.ts';
import { Traces1764300400000 } from './1764300400000-traces.ts';
import { OrdersOfUsers1764300500000 } from './1764300500000-orders-of-users.ts';
import { KeyRefusals1764300600000 } from './1764300600000-key-refusals.ts';
import { Instruments1764300700000 } from './1764300700000-instruments.ts';

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Payments1764300000000,
  RefundsOfOrders1764300100000,
  LostDisputes1764300200000,
  Retention1764300300000,
  Traces1764300400000,
  OrdersOfUsers1764300500000,
  KeyRefusals1764300600000,
  Instruments1764300700000,
];
