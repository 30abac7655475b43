import { Counter } from 'prom-client';
import { metrics } from '#libs/observability/metrics';

/** Reads of the catalogue by what its cache did: hit, miss, away (Redis did not answer in time), ignored (the entry was not one of ours). */
export const cacheReads = new Counter({
  name: 'only2u_catalogue_cache_reads_total',
  help: 'Catalogue reads that reached the cache, by outcome',
  labelNames: ['outcome'],
  registers: [metrics],
});

/** Units by what moved them: reserved for an order, released by it, sold, returned to the shelf. */
export const stockUnits = new Counter({
  name: 'only2u_stock_units_total',
  help: 'Units of stock that moved, by movement',
  labelNames: ['movement'],
  registers: [metrics],
});

export const stockOuts = new Counter({
  name: 'only2u_stock_outs_total',
  help: 'Times that the last available unit of a variant went',
  registers: [metrics],
});

export const refusedReservations = new Counter({
  name: 'only2u_reservations_refused_total',
  help: 'Orders that were refused because a line was short',
  registers: [metrics],
});

// A series that begins with its first event has no rate for it.
for (const outcome of ['hit', 'miss', 'away', 'ignored']) cacheReads.inc({ outcome }, 0);
for (const movement of ['reserved', 'released', 'sold', 'returned']) stockUnits.inc({ movement }, 0);
