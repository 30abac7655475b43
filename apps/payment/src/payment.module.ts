import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import type { Logger } from '#libs/observability/logger';
import { provideEnvironment } from '#libs/runtime/app-environment';
import { LOGGER } from '#libs/runtime/core.module';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { Rounds } from '#libs/runtime/rounds';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/payment.migrations.ts';
import { retention } from '../migrations/payment.retention.ts';
import { DisputeBooking } from './dispute-booking.ts';
import { ExportHandlers } from './export.handlers.ts';
import { InstrumentRepository } from './instrument.repository.ts';
import { Instruments } from './instruments.ts';
import { KeyRefusalRepository } from './key-refusal.repository.ts';
import { PayingHandlers } from './paying.handlers.ts';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { PaymentHandlers } from './payment.handlers.ts';
import { razorpayBreakerOpen, razorpayKeyRefused } from './payment.metrics.ts';
import { PaymentReactions } from './payment.reactions.ts';
import { PaymentRepository } from './payment.repository.ts';
import { PaymentOrderRepository } from './payment-order.repository.ts';
import { PaymentOrderReconciler } from './payment-order-reconciler.ts';
import { PaymentRecorder } from './payment-recorder.ts';
import { PaymentRetentionRepository } from './payment-retention.repository.ts';
import { RazorpayClient } from './razorpay-client.ts';
import { RazorpayOrderOpener } from './razorpay-order-opener.ts';
import { RefundHandlers } from './refund.handlers.ts';
import { RefundRepository } from './refund.repository.ts';
import { RefundChangeRepository } from './refund-changes.repository.ts';
import { RefundSender } from './refund-sender.ts';
import { SettlementHandlers } from './settlement.handlers.ts';
import { SettlementRepository } from './settlement.repository.ts';
import { SettlementCheck } from './settlement-check.ts';
import { SettlementReporter } from './settlement-reporter.ts';
import { WebhookHandlers } from './webhook.handlers.ts';
import { WebhookRepository } from './webhook.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: paymentApi, peers: [orderApi], migrations, retention })],
  controllers: [
    ...handlersOf(paymentApi, [PayingHandlers, PaymentHandlers, RefundHandlers, SettlementHandlers, WebhookHandlers, ExportHandlers]),
    ...reactionsOf('payment', [orderApi, authApi], PaymentReactions),
  ],
  providers: [
    provideEnvironment(paymentEnv),
    {
      provide: RazorpayClient,
      inject: [paymentEnv as never, Rounds, LOGGER, KeyRefusalRepository],
      useFactory: razorpayOf,
    },
    Instruments,
    InstrumentRepository,
    KeyRefusalRepository,
    PaymentOrderRepository,
    PaymentRepository,
    RefundRepository,
    RefundChangeRepository,
    SettlementRepository,
    WebhookRepository,
    PaymentRecorder,
    RazorpayOrderOpener,
    RefundSender,
    DisputeBooking,
    PaymentRetentionRepository,
    PaymentOrderReconciler,
    SettlementReporter,
    SettlementCheck,
  ],
})
export class PaymentModule {}

/** Between two questions to a Razorpay that does not answer, or refuses our key. */
const PROBE_MS = 5_000;

function razorpayOf(
  { RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, RAZORPAY_BASE_URL }: PaymentEnv,
  rounds: Rounds,
  logger: Logger,
  refusals: KeyRefusalRepository,
): RazorpayClient {
  let isToForget = false;
  const razorpay = new RazorpayClient({
    keyId: RAZORPAY_KEY_ID,
    keySecret: RAZORPAY_KEY_SECRET,
    baseUrl: RAZORPAY_BASE_URL,
    onKey: (isAccepted) => {
      razorpayKeyRefused.set(isAccepted ? 0 : 1);
      // Also at the first answer of a process: a corrected key comes with a restart.
      isToForget = isAccepted;
      if (isAccepted) logger.info('razorpay.key_accepted');
      else logger.error({ keyId: RAZORPAY_KEY_ID }, 'razorpay.key_refused');
    },
    onBreaker: (isOpen) => {
      razorpayBreakerOpen.set(isOpen ? 1 : 0);
      if (isOpen) logger.error('razorpay.left_alone');
      else logger.info('razorpay.answers_again');
    },
  });
  rounds.every('payment.probe_razorpay', PROBE_MS, async () => {
    await razorpay.probe();
    if (razorpay.state === 'key_refused') await refusals.tell(RAZORPAY_KEY_ID);
    else if (isToForget) {
      await refusals.forget(RAZORPAY_KEY_ID);
      isToForget = false;
    }
  });
  return razorpay;
}
