import { Counter, Gauge } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

export const handedOver = new Counter({
  name: 'only2u_notification_hand_overs_total',
  help: 'What providers made of messages, by lane and channel; "again" is tried once more',
  labelNames: ['lane', 'channel', 'outcome'],
  registers: [metrics],
});

export const laneMessages = new Gauge({
  name: 'only2u_notification_lane_messages',
  help: 'Messages that have not left, by lane, with those that wait for their moment',
  labelNames: ['lane'],
  registers: [metrics],
});

export const oldestSeconds = new Gauge({
  name: 'only2u_notification_oldest_seconds',
  help: 'Age of the oldest message that should have left at once, by lane; 0 for campaigns',
  labelNames: ['lane'],
  registers: [metrics],
});
