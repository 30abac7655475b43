import { type Dashboard, lines, number, quantile, query, rate } from './panel.ts';

const RAZORPAY = 'only2u_payment_razorpay_seconds';
const asked = (operation: string): string => rate(`only2u_http_seconds_count{operation="${operation}",status=~"2.."}`);
const hour = (series: string): string => `sum(increase(${series}[1h]))`;

export const money: Dashboard = {
  uid: 'only2u-purchases',
  title: 'Only2U: purchases and money',
  rows: [
    {
      title: 'The last hour',
      panels: [
        number('Rupees sold', 'currencyINR', `${hour('only2u_orders_sold_paise_total')} / 100`),
        number('Rupees captured', 'currencyINR', `${hour('only2u_payment_captured_paise_total')} / 100`),
        number('Confirmed of placed', 'percentunit', `${hour('only2u_orders_confirmed_total')} / ${hour('only2u_orders_placed_total')}`),
        number('Refunds that failed', 'short', hour('only2u_payment_refunds_total{outcome="failed"}')),
        number('Books that differ, in rupees', 'currencyINR', 'max(abs(only2u_payment_settlement_difference_paise)) / 100'),
        number('Disputes opened', 'short', hour('only2u_payment_disputes_total{outcome="opened"}')),
      ],
    },
    {
      title: 'From looking to buying',
      panels: [
        lines(
          'Steps',
          'cps',
          query(asked('product.detail'), 'looked at'),
          query(asked('cart.addItem'), 'put into the cart'),
          query(rate('only2u_orders_placed_total'), 'ordered'),
          query(rate('only2u_payment_payments_total{outcome="captured"}'), 'paid'),
          query(rate('only2u_orders_confirmed_total'), 'confirmed'),
        ),
        lines(
          'New accounts and sign-ins',
          'cps',
          query(rate('only2u_registrations_total'), 'new accounts'),
          query(rate('only2u_sign_ins_total', ['outcome']), 'sign-in: {{outcome}}'),
        ),
        lines('Orders that expired', 'cps', query(rate('only2u_orders_expired_total', ['payment_method']), '{{payment_method}}')),
        lines(
          'Sold, in rupees a second',
          'currencyINR',
          query(`${rate('only2u_orders_sold_paise_total', ['payment_method'])} / 100`, '{{payment_method}}'),
        ),
        lines('Units of stock that moved', 'cps', query(rate('only2u_stock_units_total', ['movement']), '{{movement}}')),
        lines(
          'Sold out',
          'cps',
          query(rate('only2u_stock_outs_total'), 'last units'),
          query(rate('only2u_reservations_refused_total'), 'orders refused'),
        ),
        lines('Coupons', 'cps', query(rate('only2u_coupon_holds_total', ['outcome']), '{{outcome}}')),
        lines(
          'Time of a checkout at the edge (95 %)',
          's',
          query(
            quantile(0.95, 'only2u_http_seconds', '{operation=~"order[.]place|payment[.](createOrder|verify)"}', ['operation']),
            '{{operation}}',
          ),
        ),
        lines(
          'From the money to the confirmed order',
          's',
          query(quantile(0.5, 'only2u_event_age_seconds', '{event="payment.captured"}', []), 'half'),
          query(quantile(0.99, 'only2u_event_age_seconds', '{event="payment.captured"}', []), '99 %'),
        ),
      ],
    },
    {
      title: 'Razorpay',
      panels: [
        lines('Payments', 'cps', query(rate('only2u_payment_payments_total', ['outcome']), '{{outcome}}')),
        lines('Webhooks', 'cps', query(rate('only2u_payment_webhooks_total', ['outcome']), '{{outcome}}')),
        lines('Age of webhooks (99 %)', 's', query(quantile(0.99, 'only2u_payment_webhook_age_seconds', '', []), 'age')),
        lines('Calls at Razorpay (95 %)', 's', query(quantile(0.95, RAZORPAY, '', ['operation']), '{{operation}}')),
        lines('Calls that failed', 'cps', query(rate('only2u_payment_razorpay_errors_total', ['kind']), '{{kind}}')),
        lines(
          'Left alone, and key refused',
          'short',
          query('max(only2u_payment_razorpay_breaker_open)', 'left alone'),
          query('max(only2u_payment_razorpay_key_refused)', 'key refused'),
        ),
        lines('Refunds', 'cps', query(rate('only2u_payment_refunds_total', ['outcome']), '{{outcome}}')),
        lines('Referral budget left, in rupees', 'currencyINR', query('max(only2u_referral_budget_left_paise) / 100', 'left')),
      ],
    },
  ],
};
