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
  readonly unit: '×' | 'ms' | 'MB';
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

export interface Setting {
  readonly quick: boolean;
  /** Whether to look into the processes with V8's sampling profiler after each measurement. */
  readonly profile: boolean;
  readonly signal: AbortSignal;
}

export const isMet = ({ measured, limit }: Goal): boolean => measured <= limit;
export const ms = (value: number): string => (value < 1 ? `${(value * 1_000).toFixed(0)} µs` : `${value.toFixed(2)} ms`);
export const times = (value: number): string => `${value.toFixed(2)} ×`;
