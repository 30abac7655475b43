import { Counter } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

export const handedOver = new Counter({
  name: 'only2u_notification_hand_overs_total',
  help: 'What providers made of messages, by lane and channel; "again" is tried once more',
  labelNames: ['lane', 'channel', 'outcome'],
  registers: [metrics],
});
