import type { ApiParts, ApiRequest, Endpoint } from './endpoint.ts';
import { pageOf } from './page.ts';
import { unknownId } from './razorpay-error.ts';
import type { RefundClaim } from './refund-keys.ts';
import { createRefund } from './refunds.ts';
import { readId, readPage, readRefundKey, readRefundRequest } from './request-rules.ts';

export function refundEndpoints({ account, refundKeys }: ApiParts): Endpoint[] {
  const claims = new WeakMap<ApiRequest, RefundClaim>();
  return [
    {
      method: 'POST',
      path: '/v1/payments/:id/refund',
      begin: (request, tell) => {
        const key = readRefundKey(request.headers['x-refund-idempotency'], tell);
        if (key === undefined) return () => undefined;
        const claim = refundKeys.claim(key, request.params.id ?? '', request.body, tell);
        claims.set(request, claim);
        return () => claim.release();
      },
      run: (request, tell) => {
        const claim = claims.get(request);
        if (claim?.recorded !== undefined) return claim.recorded;
        const id = readId('pay', request.params.id ?? '', tell);
        const { entity } = createRefund(account, id, readRefundRequest(request.body, tell));
        claim?.keep(entity);
        return entity;
      },
    },
    {
      method: 'GET',
      path: '/v1/payments/:id/refunds',
      run: ({ params, query }, tell) => {
        const { entity } = account.payment(readId('pay', params.id ?? '', tell));
        return pageOf(account.refundsOf(entity.id), readPage(query));
      },
    },
    {
      method: 'GET',
      path: '/v1/payments/:id/refunds/:refundId',
      run: ({ params }, tell) => {
        const paymentId = readId('pay', params.id ?? '', tell);
        const { entity } = account.refund(readId('rfnd', params.refundId ?? '', tell));
        if (entity.payment_id !== paymentId) throw unknownId();
        return entity;
      },
    },
    {
      method: 'GET',
      path: '/v1/refunds',
      run: ({ query }) => pageOf([...account.refunds.values()], readPage(query)),
    },
    {
      method: 'GET',
      path: '/v1/refunds/:id',
      run: ({ params }, tell) => account.refund(readId('rfnd', params.id ?? '', tell)).entity,
    },
  ];
}
