import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth';
import { cartApi } from '#libs/contracts/cart';
import { couponApi } from '#libs/contracts/coupon';
import { orderApi } from '#libs/contracts/order';
import { paymentApi } from '#libs/contracts/payment';
import { productApi } from '#libs/contracts/product';
import { DiscountSource } from '#libs/pricing/discount-source';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/order.migrations.ts';
import { CheckoutRepository } from './checkout.repository.ts';
import { CheckoutSaga } from './checkout.saga.ts';
import { CrashPoints } from './crash-points.ts';
import { InvoiceHandlers } from './invoice.handlers.ts';
import { CreditNotes, Invoices } from './invoice.numbers.ts';
import { InvoicePrinter } from './invoice.printer.ts';
import { InvoiceRepository } from './invoice.repository.ts';
import { LifecycleHandlers } from './lifecycle.handlers.ts';
import { orderEnv } from './order.env.ts';
import { OrderHandlers } from './order.handlers.ts';
import { OrderReactions } from './order.reactions.ts';
import { OrderRepository } from './order.repository.ts';
import { OrderChangesRepository } from './order-changes.repository.ts';
import { OrderChanges } from './order-changes.ts';
import { OrderSearchHandlers } from './order-search.handlers.ts';
import { OrderPlacement } from './place-order.ts';
import { RefundLedger } from './refund-ledger.ts';
import { StaffMoves } from './staff-moves.ts';

@Module({
  imports: [
    ServiceModule.for({
      contract: orderApi,
      peers: [authApi, cartApi, productApi, couponApi, paymentApi],
      migrations,
      bytes: InvoiceHandlers,
    }),
  ],
  controllers: [
    ...handlersOf(orderApi, [LifecycleHandlers, OrderSearchHandlers, InvoiceHandlers, OrderHandlers]),
    ...reactionsOf('order', [paymentApi], OrderReactions),
  ],
  providers: [
    provideEnvironment(orderEnv),
    OrderRepository,
    CheckoutRepository,
    CheckoutSaga,
    OrderPlacement,
    CrashPoints,
    DiscountSource,
    OrderChangesRepository,
    OrderChanges,
    StaffMoves,
    RefundLedger,
    InvoiceRepository,
    InvoicePrinter,
    Invoices,
    CreditNotes,
  ],
})
export class OrderModule {}
