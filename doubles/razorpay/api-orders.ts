import type { ApiParts, Endpoint } from './endpoint.ts';
import { collection, type Order } from './entities.ts';
import { createOrder, hasAuthorisedPayment } from './orders.ts';
import { pageOf } from './page.ts';
import { readId, readOrderRequest, readPage } from './request-rules.ts';

export function orderEndpoints({ account }: ApiParts): Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/v1/orders',
      run: ({ body }, tell) => {
        const request = readOrderRequest(body, tell);
        // The docs call receipts unique; Razorpay is not known to enforce it, and neither do we.
        if (request.receipt !== null && account.ordersWithReceipt(request.receipt).length > 0)
          tell('receipt_reused', 'look an order up by its receipt before creating it again');
        return createOrder(account, request).entity;
      },
    },
    {
      method: 'GET',
      path: '/v1/orders',
      run: ({ query }) => {
        const page = readPage(query);
        const { receipt, authorized } = query;
        const isWanted = ({ id }: Order): boolean =>
          authorized === undefined || hasAuthorisedPayment(account, id) === (authorized === '1' || authorized === 'true');
        const orders = typeof receipt === 'string' ? account.ordersWithReceipt(receipt) : [...account.orders.values()];
        return pageOf(orders, page, isWanted);
      },
    },
    {
      method: 'GET',
      path: '/v1/orders/:id',
      run: ({ params }, tell) => account.order(readId('order', params.id ?? '', tell)).entity,
    },
    {
      method: 'GET',
      path: '/v1/orders/:id/payments',
      run: ({ params }, tell) => {
        const { entity } = account.order(readId('order', params.id ?? '', tell));
        return collection(
          account
            .paymentsOf(entity.id)
            .map((payment) => payment.entity)
            .reverse(),
        );
      },
    },
  ];
}
