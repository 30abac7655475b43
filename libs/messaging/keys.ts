import type { Lane } from '#libs/contracts/contract';

/**
 * Keys as they are written in the code: every connection puts the shop's prefix before them (`REDIS_PREFIX`, `only2u:` unless said), so that
 * two shops can share a Redis. The hash tag keeps a service's lists on one slot of a Redis Cluster, so that one BLMPOP can watch both lanes.
 */
export const laneKey = (service: string, lane: Lane): string => `{${service}}:${lane}`;
export const replicasKey = (service: string): string => `{${service}}:replicas`;
export const repliesKey = (instance: string): string => `replies:${instance}`;
/** What auth publishes for processes that start while it is away. */
export const trustKey = '{auth}:trust';
/** Channels are no keys, so this one is prefixed by hand. */
export const signalsChannel = (keyPrefix: string): string => `${keyPrefix}signals`;
