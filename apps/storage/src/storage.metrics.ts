import { Counter, Gauge, Histogram } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

const registers = [metrics];

export const intakes = new Counter({
  name: 'only2u_storage_intakes_total',
  help: 'Files that were taken: stored, or with bytes that were known',
  labelNames: ['outcome'],
  registers,
});
for (const outcome of ['stored', 'known']) intakes.inc({ outcome }, 0);

export const storeRequests = new Histogram({
  name: 'only2u_storage_store_seconds',
  help: 'Requests to the store of the bytes',
  labelNames: ['request', 'outcome'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 5],
  registers,
});

export const pictureSeconds = new Histogram({
  name: 'only2u_storage_picture_seconds',
  help: 'Work on pictures, with its time in the queue',
  labelNames: ['work'],
  buckets: [0.05, 0.2, 0.5, 1, 3, 10, 30],
  registers,
});

export const picturesWaiting = new Gauge({ name: 'only2u_storage_pictures_waiting', help: 'Work on pictures that is not done', registers });
export const pictureMemory = new Gauge({
  name: 'only2u_storage_picture_memory_bytes',
  help: 'Memory of a process that works on pictures',
  registers,
});
export const leftoversWaiting = new Gauge({
  name: 'only2u_storage_leftovers',
  help: 'Objects that are due to be deleted from the store',
  registers,
});
export const storeIsUp = new Gauge({ name: 'only2u_storage_store_up', help: 'Whether the store of the bytes answers', registers });
