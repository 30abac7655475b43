import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { couponApi } from '#libs/contracts/coupon/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { DiscountSource } from '#libs/pricing/discount-source';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/order.migrations.ts';
import { retention } from '../migrations/order.retention.ts';
import { FailedSales } from './after-sales/failed-sales.ts';
import { LifecycleHandlers } from './after-sales/lifecycle.handlers.ts';
import { OrderChangesRepository } from './after-sales/order-changes.repository.ts';
import { OrderChanges } from './after-sales/order-changes.ts';
import { RefundRepository } from './after-sales/refund.repository.ts';
import { RefundOutcomes } from './after-sales/refund-outcomes.ts';
import { ReturnsHandlers } from './after-sales/returns.handlers.ts';
import { Returns } from './after-sales/returns.ts';
import { StaffMoves } from './after-sales/staff-moves.ts';
import { CheckoutRepository } from './checkout/checkout.repository.ts';
import { CheckoutSaga } from './checkout/checkout.saga.ts';
import { ConfirmationRepository } from './checkout/confirmation.repository.ts';
import { CrashPoints } from './checkout/crash-points.ts';
import { NewOrders } from './checkout/new-orders.ts';
import { PlaceOrderHandlers } from './checkout/place-order.handlers.ts';
import { ExportHandlers } from './export.handlers.ts';
import { CreditNotes } from './invoice/credit-notes.ts';
import { InvoiceHandlers } from './invoice/invoice.handlers.ts';
import { InvoiceRepository } from './invoice/invoice.repository.ts';
import { InvoicePrinter } from './invoice/invoice-printer.ts';
import { Invoices } from './invoice/invoices.ts';
import { orderEnv } from './order.env.ts';
import { OrderHandlers } from './order.handlers.ts';
import { OrderReactions } from './order.reactions.ts';
import { OrderRepository } from './order.repository.ts';
import { OrderSignals } from './order.signals.ts';
import { OrderJournal } from './order-journal.ts';
import { OrderSearchHandlers } from './order-search.handlers.ts';
import { OrderSearchRepository } from './order-search.repository.ts';
import { RetentionRepository } from './retention.repository.ts';
import { Retention } from './retention.ts';

@Module({
  imports: [
    ServiceModule.for({
      contract: orderApi,
      peers: [authApi, cartApi, productApi, couponApi, paymentApi],
      migrations,
      retention,
      bytes: InvoiceHandlers,
    }),
  ],
  controllers: [
    ...handlersOf(orderApi, [
      PlaceOrderHandlers,
      LifecycleHandlers,
      ReturnsHandlers,
      OrderSearchHandlers,
      InvoiceHandlers,
      OrderHandlers,
      ExportHandlers,
    ]),
    ...reactionsOf('order', [paymentApi, productApi], OrderReactions),
  ],
  providers: [
    provideEnvironment(orderEnv),
    OrderRepository,
    CheckoutRepository,
    ConfirmationRepository,
    CheckoutSaga,
    CrashPoints,
    NewOrders,
    DiscountSource,
    OrderChangesRepository,
    OrderChanges,
    OrderSignals,
    OrderJournal,
    Returns,
    StaffMoves,
    RefundRepository,
    RefundOutcomes,
    FailedSales,
    OrderSearchRepository,
    RetentionRepository,
    Retention,
    InvoiceRepository,
    InvoicePrinter,
    Invoices,
    CreditNotes,
  ],
})
export class OrderModule {}
