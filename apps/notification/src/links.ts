import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { type NotificationEnv, notificationEnv } from './notification.env.ts';

/** Where messages lead. */
@Injectable()
export class Links {
  constructor(
    @InjectEnvironment(notificationEnv) private readonly env: NotificationEnv,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  order(orderId: string): string {
    return `${this.shop()}/orders/${orderId}`;
  }

  /** On the order's page, for an invoice is shown to its buyer alone. */
  invoice(orderId: string): string {
    return `${this.order(orderId)}#invoice`;
  }

  feedback(feedbackId: string): string {
    return `${this.shop()}/feedback/${feedbackId}`;
  }

  /** Where the staff answer it. */
  feedbackDesk(feedbackId: string): string {
    return `${publicUrl(this.settings)}/demo/staff/feedback/${feedbackId}`;
  }

  chat(threadId: string): string {
    return `${this.shop()}/chat/${threadId}`;
  }

  /** Where the staff answer it. */
  chatDesk(threadId: string): string {
    return `${publicUrl(this.settings)}/demo/staff/chat/${threadId}`;
  }

  review(reviewId: string): string {
    return `${this.shop()}/reviews/${reviewId}`;
  }

  referral(): string {
    return `${this.shop()}/referral`;
  }

  product(productId: string, variantId: string | null): string {
    return `${this.shop()}/p/${productId}${variantId === null ? '' : `?variant=${variantId}`}`;
  }

  cart(): string {
    return `${this.shop()}/cart`;
  }

  shop(): string {
    return this.env.SHOP_URL ?? `${publicUrl(this.settings)}/demo`;
  }

  verifyEmail(token: string): string {
    return withToken(this.env.EMAIL_LINK_URL ?? `${publicUrl(this.settings)}/verify-email`, token);
  }

  resetPassword(token: string): string {
    return withToken(this.env.PASSWORD_LINK_URL ?? `${publicUrl(this.settings)}/reset-password`, token);
  }

  unsubscribe(token: string): string {
    return withToken(`${publicUrl(this.settings)}/api/notifications/unsubscribe`, token);
  }
}

function withToken(page: string, token: string): string {
  const link = new URL(page);
  link.searchParams.set('token', token);
  return link.href;
}
