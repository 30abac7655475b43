import { authApi } from '#libs/contracts/auth/api';
import { cartApi } from '#libs/contracts/cart/api';
import { chatApi } from '#libs/contracts/chat/api';
import type { AnyContract } from '#libs/contracts/contract';
import { couponApi } from '#libs/contracts/coupon/api';
import { feedbackApi } from '#libs/contracts/feedback/api';
import { gatewayApi } from '#libs/contracts/gateway/api';
import { notificationApi } from '#libs/contracts/notification/api';
import { orderApi } from '#libs/contracts/order/api';
import { paymentApi } from '#libs/contracts/payment/api';
import { productApi } from '#libs/contracts/product/api';
import { referralApi } from '#libs/contracts/referral/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';

/** The services whose operations have routes; a new service is one more line. */
export const serviceContracts: readonly AnyContract[] = [
  authApi,
  productApi,
  cartApi,
  couponApi,
  orderApi,
  paymentApi,
  notificationApi,
  feedbackApi,
  wishlistApi,
  referralApi,
  reviewApi,
  storageApi,
  chatApi,
];
export const publicContracts: readonly AnyContract[] = [...serviceContracts, gatewayApi];

export const builtServiceNames: readonly string[] = serviceContracts.map(({ name }) => name);
/** Services with an outbox. */
export const publisherNames: readonly string[] = builtServiceNames;
