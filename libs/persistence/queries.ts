import { inSpan, isTracing, SpanKind } from '#libs/observability/tracing';
import { Flight, type Outcome } from './flight.ts';
import { type Statement, sql } from './sql.ts';

export type Row = Record<string, unknown>;

export interface Client {
  query(flight: Flight): unknown;
  on(event: 'error', listener: () => void): void;
  off(event: 'error', listener: () => void): void;
  /** With an error the connection is closed instead of used again. */
  release(error?: Error): void;
}

export interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  connect(): Promise<Client>;
}

/** Statements on one connection or on any of the pool's; every one is prepared under its own name. */
export abstract class Queries {
  async rows<T = Row>(statement: Statement): Promise<T[]> {
    return (await this.run(statement)).rows as T[];
  }

  async row<T = Row>(statement: Statement): Promise<T | undefined> {
    return (await this.run(statement)).rows[0] as T | undefined;
  }

  /** How many rows it touched. */
  async execute(statement: Statement): Promise<number> {
    return (await this.run(statement)).rowCount;
  }

  protected run(statement: Statement): Promise<Outcome> {
    if (!isTracing()) return this.ask(statement);
    return inSpan(titleOf(statement.text), SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': statement.text }, () =>
      this.ask(statement),
    );
  }

  protected abstract ask(statement: Statement): Promise<Outcome>;
}

/** `INSERT outbox`: what a statement does to which table, of several the one it is about. */
export function titleOf(text: string): string {
  const plain = text.replace(/^\s*WITH\b[\s\S]*\)\s*(?=(?:SELECT|INSERT|UPDATE|DELETE)\b)/, '');
  const [verb = 'SQL'] = /\b(?:SELECT|INSERT|UPDATE|DELETE|[A-Z]+)\b/.exec(plain) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)/.exec(plain) ?? [];
  return table === undefined ? verb : `${verb} ${table}`;
}

/** For the rest of the transaction, an implicit one too. */
export const PLAN_BY_VALUES = sql`SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`;

/** An error between two statements fails the next one; without a listener it would end the process. */
export const ignore = (): void => undefined;

export function giveBack(client: Client, lost: Error | undefined): void {
  client.off('error', ignore);
  client.release(lost);
}

/** A flight of these statements; answers the last one's outcome. */
export async function alone(client: Client, ...statements: readonly Statement[]): Promise<Outcome> {
  const flight = new Flight();
  const outcomes = statements.map((statement) => flight.add(statement));
  client.query(flight);
  return (await Promise.all(outcomes)).at(-1) as Outcome;
}
