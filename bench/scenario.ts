import type { Sample } from './load.ts';
import type { Shop, ShopOptions } from './shop.ts';

/** One table of the report. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A promise of the design and what was measured. */
export interface Goal {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: '×' | 'ms' | 'MB' | '/s';
  /** Whether the limit is the least that is wanted; else it is the most. */
  readonly atLeast?: boolean;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** What is and is not in the path, in whole sentences. */
  readonly notes: readonly string[];
  /** What could not be measured, and why. */
  readonly failed?: readonly string[];
  /** Where the time goes, by process, when a profile was asked for. */
  readonly profiles?: Readonly<Record<string, readonly SelfTime[]>>;
}

export interface SelfTime {
  readonly name: string;
  /** Of the time that the process was busy, 0 to 1. */
  readonly share: number;
}

/** Each service in a process of its own, or gateway and services in one. */
export const topologies = ['separate', 'together'] as const;
export type Topology = (typeof topologies)[number];

export interface Setting {
  readonly quick: boolean;
  /** Whether to look into the processes with V8's sampling profiler after each measurement. */
  readonly profile: boolean;
  readonly signal: AbortSignal;
}

/** A kind of load. Its stages run one after the other on a shop; the samples of all topologies come into one report. */
export interface Scenario {
  readonly name: string;
  /** For a scenario that needs a shop of its own; the others share one. */
  readonly shop?: ShopOptions;
  /** The topologies that it can be measured in; all unless said otherwise. */
  readonly topologies?: readonly Topology[];
  stages(shop: Shop, setting: Setting): Promise<readonly Stage[]>;
  report(found: Found): Findings;
}

/** A load at one state of the shop. Its cases run in turn, in every round. */
export interface Stage {
  readonly rounds: number;
  readonly cases: readonly string[];
  /** Cases of programs that ours are compared with; left out when two commits are compared. */
  readonly foreign?: readonly string[];
  warmUp(): Promise<void>;
  sample(name: string): Promise<Sample>;
  /** What is done under the profiler, and by which processes. */
  readonly profile?: { readonly processes: readonly string[]; work(): Promise<unknown> };
  /** Ends what the stage started beside the shop. */
  close?(): Promise<void>;
}

/** What was measured of a scenario: the samples of a case in a topology, in the order of rounds. */
export class Found {
  private readonly samples = new Map<string, Sample[]>();
  readonly cases: { topology: Topology; name: string }[] = [];
  readonly profiles: Record<string, readonly SelfTime[]> = {};

  add(topology: Topology, name: string, sample: Sample): void {
    const key = `${topology} ${name}`;
    const before = this.samples.get(key);
    if (before === undefined) this.cases.push({ topology, name });
    this.samples.set(key, [...(before ?? []), sample]);
  }

  of(topology: Topology, name: string): readonly Sample[] {
    return this.samples.get(`${topology} ${name}`) ?? [];
  }

  get topologies(): readonly Topology[] {
    return topologies.filter((topology) => this.cases.some((one) => one.topology === topology));
  }
}

export const isMet = ({ measured, limit, atLeast }: Goal): boolean => (atLeast === true ? measured >= limit : measured <= limit);
export const ms = (value: number): string => (value < 1 ? `${(value * 1_000).toFixed(0)} µs` : `${value.toFixed(2)} ms`);
export const times = (value: number): string => `${value.toFixed(2)} ×`;
export const whole = (value: number): string => value.toLocaleString('en-IN');
