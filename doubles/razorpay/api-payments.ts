import type { ApiParts, Endpoint } from './endpoint.ts';
import { reconPage, settlementRecon } from './ledger.ts';
import { pageOf } from './page.ts';
import { capturePayment } from './payments.ts';
import { readCaptureRequest, readDay, readId, readPage } from './request-rules.ts';

const mostReconItems = 1000;

export function paymentEndpoints({ account }: ApiParts): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/v1/payments',
      run: ({ query }) => pageOf([...account.payments.values()], readPage(query)),
    },
    {
      method: 'GET',
      path: '/v1/payments/:id',
      run: ({ params }, tell) => account.payment(readId('pay', params.id ?? '', tell)).entity,
    },
    {
      method: 'POST',
      path: '/v1/payments/:id/capture',
      run: ({ params, body }, tell) => {
        const id = readId('pay', params.id ?? '', tell);
        const { amount, currency } = readCaptureRequest(body, tell);
        return capturePayment(account, id, amount, currency).entity;
      },
    },
    {
      method: 'GET',
      path: '/v1/settlements/recon/combined',
      run: ({ query }) => {
        const { year, month, day } = readDay(query);
        const { count, skip } = readPage({ count: '1000', ...query }, mostReconItems);
        return reconPage(settlementRecon(account, year, month, day), count, skip);
      },
    },
  ];
}
