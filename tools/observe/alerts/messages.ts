import type { Alert } from '../alert.ts';

const dead = 'only2u_outbox_rows{service="order",event="order.confirmed",subscriber="cart",state="dead"}';
const forged = 'only2u_bus_refused_total{app="payment",reason="forged"}';
const lane = 'only2u_bus_lane_messages{service="order",lane="checkout"}';

/** Between services. */
export const messageAlerts: readonly Alert[] = [
  {
    name: 'DeadLetters',
    expr: 'max by (service, event, subscriber) (only2u_outbox_rows{state="dead"}) > 0',
    for: '1m',
    severity: 'page',
    summary: '{{ $labels.subscriber }} has not taken {{ $labels.event }} of {{ $labels.service }}, and nobody tries any more',
    rings: { series: { [dead]: '0x4 1x20' }, after: '4m', labels: { service: 'order', event: 'order.confirmed', subscriber: 'cart' } },
    quiet: { series: { [dead]: '0x24', [dead.replace('dead', 'waiting')]: '5x24' }, after: '4m' },
  },
  {
    name: 'ForgedMessages',
    expr: 'sum by (app) (increase(only2u_bus_refused_total{reason="forged"}[10m])) > 0',
    severity: 'page',
    summary: '{{ $labels.app }} was sent messages that nobody of ours has signed',
    rings: { series: { [forged]: '0x4 1x20' }, after: '4m', labels: { app: 'payment' } },
    quiet: { series: { [forged]: '0x24', [forged.replace('forged', 'late')]: '0+1x24' }, after: '4m' },
  },
  {
    name: 'LanesGrowing',
    expr: 'max by (service, lane) (only2u_bus_lane_messages) > 100',
    for: '3m',
    severity: 'page',
    summary: 'More than a hundred requests wait for {{ $labels.service }} ({{ $labels.lane }})',
    isEffect: true,
    rings: { series: { [lane]: '0x4 300x30' }, after: '6m', labels: { service: 'order', lane: 'checkout' } },
    quiet: { series: { [lane]: '0x4 300x4 0x30' }, after: '6m' },
  },
  {
    name: 'RoundFailing',
    expr: `sum by (app, round) (increase(only2u_round_seconds_count{outcome="failed"}[10m])) > 3
  unless
sum by (app, round) (increase(only2u_round_seconds_count{outcome="ok"}[10m])) > 0`,
    for: '5m',
    severity: 'ticket',
    summary: 'The background loop {{ $labels.round }} of {{ $labels.app }} fails, and did not succeed for ten minutes',
    isEffect: true,
    rings: {
      series: { 'only2u_round_seconds_count{app="notification",round="notification.filing",outcome="failed"}': '0+1x80' },
      after: '18m',
      labels: { app: 'notification', round: 'notification.filing' },
    },
    quiet: {
      series: {
        'only2u_round_seconds_count{app="notification",round="notification.filing",outcome="failed"}': '0+1x80',
        'only2u_round_seconds_count{app="notification",round="notification.filing",outcome="ok"}': '0+1x80',
      },
      after: '18m',
    },
  },
  {
    name: 'HandOversFailing',
    expr: `sum by (lane, channel) (rate(only2u_notification_hand_overs_total{outcome=~"failed|again"}[15m]))
  > 0.2 * sum by (lane, channel) (rate(only2u_notification_hand_overs_total[15m]))`,
    for: '10m',
    severity: 'page',
    summary: 'A provider of {{ $labels.channel }} does not take one message in five ({{ $labels.lane }})',
    isEffect: true,
    rings: {
      series: {
        'only2u_notification_hand_overs_total{lane="otp",channel="sms",outcome="again"}': '0+1x120',
        'only2u_notification_hand_overs_total{lane="otp",channel="sms",outcome="sent"}': '0+1x120',
      },
      after: '28m',
      labels: { lane: 'otp', channel: 'sms' },
    },
    quiet: {
      series: {
        'only2u_notification_hand_overs_total{lane="otp",channel="sms",outcome="again"}': '0+1x120',
        'only2u_notification_hand_overs_total{lane="otp",channel="sms",outcome="sent"}': '0+20x120',
      },
      after: '28m',
    },
  },
  {
    name: 'SignInsGuessed',
    expr: `sum(rate(only2u_sign_ins_total{outcome=~"wrong_.*|unknown_account|rate_limited"}[10m]))
  > 1 + 3 * sum(rate(only2u_sign_ins_total{outcome="ok"}[10m]))`,
    for: '10m',
    severity: 'page',
    summary: 'Far more sign-ins fail than succeed: somebody guesses',
    rings: {
      series: { 'only2u_sign_ins_total{outcome="wrong_password"}': '0+60x120', 'only2u_sign_ins_total{outcome="ok"}': '0+3x120' },
      after: '25m',
    },
    quiet: {
      series: { 'only2u_sign_ins_total{outcome="wrong_password"}': '0+6x120', 'only2u_sign_ins_total{outcome="ok"}': '0+60x120' },
      after: '25m',
    },
  },
];
