import type { paths } from '#libs/client/schema';
import { indianDay, momentIn } from '../parts/indian-day.ts';
import { paiseOf } from '../parts/money.ts';

export type NewCoupon = paths['/api/coupons']['post']['requestBody']['content']['application/json'];

/** As it is typed; amounts in rupees, times in India. */
export const blankCoupon = () => ({
  code: '',
  kind: 'percent' as NewCoupon['kind'],
  percent: '10',
  amount: '',
  buy: '2',
  get: '1',
  getPercent: '100',
  maxDiscount: '',
  minSubtotal: '',
  startsAt: `${indianDay()}T00:00`,
  endsAt: `${indianDay(30)}T00:00`,
  usageLimit: '',
  perUserLimit: '',
  budget: '',
  method: '',
  firstOrderOnly: false,
  automatic: false,
  stackable: false,
  public: true,
});
export type CouponValues = ReturnType<typeof blankCoupon>;

/**
 * What the form says, as the shop takes it; what was left empty is left out.
 * @throws RangeError for what cannot be read: it is no missing limit
 */
export function newCoupon(values: CouponValues): NewCoupon {
  const { kind, code, method } = values;
  return {
    kind,
    value: kind === 'percent' ? Number(values.percent) : kind === 'fixed' ? amountIn(values.amount) : 0,
    ...(code.trim() !== '' && { code: code.trim() }),
    ...(kind === 'buy_x_get_y' && {
      buy: { quantity: Number(values.buy) },
      get: { quantity: Number(values.get), percent: Number(values.getPercent) },
    }),
    startsAt: momentIn(values.startsAt),
    endsAt: momentIn(values.endsAt),
    ...given('maxDiscount', values.maxDiscount, amountIn),
    ...given('minSubtotal', values.minSubtotal, amountIn),
    ...given('budget', values.budget, amountIn),
    ...given('usageLimit', values.usageLimit, countIn),
    ...given('perUserLimit', values.perUserLimit, countIn),
    ...(method !== '' && { paymentMethods: [method] }),
    firstOrderOnly: values.firstOrderOnly,
    automatic: values.automatic,
    stackable: values.stackable,
    public: values.public,
  };
}

const given = (name: string, text: string, read: (text: string) => number): Record<string, number> =>
  text.trim() === '' ? {} : { [name]: read(text) };

function amountIn(text: string): number {
  const paise = paiseOf(text);
  if (paise === undefined) throw new RangeError(`${text} is no amount`);
  return paise;
}

function countIn(text: string): number {
  if (!/^\d{1,9}$/.test(text.trim())) throw new RangeError(`${text} is no number of orders`);
  return Number(text);
}
