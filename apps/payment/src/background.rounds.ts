import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectLogger } from '#libs/runtime/core.module';
import { OrderReconciler } from './order.reconciler.ts';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';
import { RazorpayOrderOpener } from './razorpay-order.opener.ts';
import { RefundSender } from './refund.sender.ts';
import { SettlementCheck } from './settlement.check.ts';
import { WebhookIntake } from './webhook.intake.ts';
import { WebhookRepository } from './webhook.repository.ts';

const ORDERS_MS = 30_000;
const LEFTOVERS_MS = 5_000;
const SETTLEMENT_MS = 10 * 60_000;
const RETENTION_MS = 60 * 60_000;

/** When the rounds run that make up for lost webhooks, answers and processes. Every replica runs them; rows are claimed, so they share the work. */
@Injectable()
export class BackgroundRounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
  private isStopped = false;

  constructor(
    private readonly reconciler: OrderReconciler,
    private readonly opener: RazorpayOrderOpener,
    private readonly webhooks: WebhookIntake,
    private readonly refunds: RefundSender,
    private readonly settlement: SettlementCheck,
    private readonly events: WebhookRepository,
    @InjectEnvironment(paymentEnv) private readonly env: PaymentEnv,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // Where a short time is set, orders are looked at as often as that.
    this.every(Math.min(ORDERS_MS, this.env.RECONCILE_AFTER_SECONDS * 1_000), () => this.reconciler.checkOrders());
    this.every(ORDERS_MS, () => this.opener.attachLeftovers());
    this.every(LEFTOVERS_MS, () => this.webhooks.sweep());
    this.every(LEFTOVERS_MS, () => this.refunds.sendDue());
    this.every(SETTLEMENT_MS, () => this.settlement.checkYesterday());
    this.every(RETENTION_MS, () => this.events.emptyOldBodies());
  }

  /** Waits for the rounds that run, which still need the database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.running);
    await this.refunds.stop();
  }

  private every(milliseconds: number, work: () => Promise<void>): void {
    if (this.isStopped) return;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        const run = work()
          .catch((error: unknown) => this.logger.warn({ err: error }, 'round.failed'))
          .finally(() => {
            this.running.delete(run);
            this.every(milliseconds, work);
          });
        this.running.add(run);
      },
      // Replicas that start together should not run together.
      milliseconds * (0.75 + Math.random() / 2),
    );
    timer.unref();
    this.timers.add(timer);
  }
}
