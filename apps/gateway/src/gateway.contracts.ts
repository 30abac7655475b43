import { authApi } from '#libs/contracts/auth';
import { cartApi } from '#libs/contracts/cart';
import type { AnyContract } from '#libs/contracts/contract';
import { couponApi } from '#libs/contracts/coupon';
import { gatewayApi } from '#libs/contracts/gateway';
import { orderApi } from '#libs/contracts/order';
import { paymentApi } from '#libs/contracts/payment';
import { productApi } from '#libs/contracts/product';

/** The services whose operations have routes; a new service is one more line. */
export const serviceContracts: readonly AnyContract[] = [authApi, productApi, cartApi, couponApi, orderApi, paymentApi];
export const publicContracts: readonly AnyContract[] = [...serviceContracts, gatewayApi];

export const builtServiceNames: readonly string[] = serviceContracts.map(({ name }) => name);
/** Services with an outbox. */
export const publisherNames: readonly string[] = builtServiceNames;
