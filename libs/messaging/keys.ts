import type { Lane } from '#libs/contracts/contract';

/** The hash tag keeps a service's lists on one slot of a Redis Cluster, so that one BLMPOP can watch both lanes. */
export const laneKey = (service: string, lane: Lane): string => `only2u:{${service}}:${lane}`;
export const replicasKey = (service: string): string => `only2u:{${service}}:replicas`;
export const repliesKey = (instance: string): string => `only2u:replies:${instance}`;
export const SIGNALS_CHANNEL = 'only2u:signals';
