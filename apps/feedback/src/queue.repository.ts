import { Injectable } from '@nestjs/common';
import type { FeedbackFilters, FeedbackQueueQuery, FeedbackSort } from '#libs/contracts/feedback/api';
import { FEEDBACK_CATEGORIES, FEEDBACK_STATUSES, type FeedbackCounts } from '#libs/contracts/feedback/views';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { joined, plannedByValues, type Sql, sql } from '#libs/persistence/sql';
import { wordsOf } from './feedback.ts';
import { type FeedbackRow, withParts } from './feedback-row.repository.ts';
import { type Counted, QueueCountsRepository } from './queue-counts.repository.ts';

type Filters = Omit<FeedbackFilters, 'sort'>;
type Place = readonly (string | number | boolean | null)[];

interface Order {
  readonly by: (table: Sql) => Sql;
  /** Of the last row of a page. */
  readonly placeOf: (row: Pick<FeedbackRow, 'id' | 'due_at' | 'votes'>) => Place;
  readonly after: (place: Place) => Sql;
}

const ORDERS: Readonly<Record<FeedbackSort, Order>> = {
  newest: { by: (table) => sql`${table}.id DESC`, placeOf: ({ id }) => [id], after: ([id]) => sql`id < ${id}::uuid` },
  oldest: { by: (table) => sql`${table}.id`, placeOf: ({ id }) => [id], after: ([id]) => sql`id > ${id}::uuid` },
  due: {
    by: (table) => sql`${table}.due_at, ${table}.id`,
    placeOf: ({ due_at, id }) => [due_at.toISOString(), id],
    after: ([dueAt, id]) => sql`(due_at, id) > (${dueAt}::timestamptz, ${id}::uuid)`,
  },
  votes: {
    by: (table) => sql`${table}.votes DESC, ${table}.id DESC`,
    placeOf: ({ votes, id }) => [votes, id],
    after: ([votes, id]) => sql`(votes, id) < (${votes}::int, ${id}::uuid)`,
  },
};

/** Statements of the staff's list. What is held or merged is in it only where it is asked for. */
@Injectable()
export class QueueRepository {
  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly kept: QueueCountsRepository,
  ) {}

  async page({ limit, cursor, sort, ...filters }: FeedbackQueueQuery): Promise<{ items: FeedbackRow[]; nextCursor: string | null }> {
    const list = `feedback of all ${JSON.stringify([sort, Object.entries(filters).sort(([one], [other]) => (one < other ? -1 : 1))])}`;
    const order = ORDERS[sort];
    const conditions = conditionsOf(filters);
    if (cursor !== undefined) conditions.push(order.after(this.cursors.decode(cursor, list)));
    const found = sql`SELECT * FROM feedback WHERE ${joined(conditions, ' AND ')} ORDER BY ${order.by(sql`feedback`)} LIMIT ${limit + 1}`;
    const rows = await this.database.rows<FeedbackRow>(plannedByValues(withParts(found, 'staff', order.by(sql`found`))));
    return pageOf(rows, limit, (row) => this.cursors.encode(order.placeOf(row), list));
  }

  /** Of each status whatever status is asked for, of each category likewise; one statement, so that they fit together. */
  async counts({ status, category, ...filters }: Filters): Promise<{ total: number; counts: FeedbackCounts }> {
    const isAll = Object.values(filters).every((asked) => asked === undefined || asked === false) && filters.overdue === undefined;
    const rows = await (isAll ? this.kept.counts() : this.counted(filters));
    const sum = (isMeant: (row: { status: string; category: string }) => boolean): number =>
      rows.filter(isMeant).reduce((all, { count }) => all + count, 0);
    const hasStatus = (row: { status: string }): boolean => status === undefined || row.status === status;
    const hasCategory = (row: { category: string }): boolean => category === undefined || row.category === category;
    return {
      total: sum((row) => hasStatus(row) && hasCategory(row)),
      counts: {
        status: byName(FEEDBACK_STATUSES, (name) => sum((row) => row.status === name && hasCategory(row))),
        category: byName(FEEDBACK_CATEGORIES, (name) => sum((row) => row.category === name && hasStatus(row))),
      },
    };
  }

  private counted(filters: Filters): Promise<Counted[]> {
    return this.database.rows<Counted>(
      plannedByValues(sql`
        SELECT status, category, count(*) AS count FROM feedback WHERE ${joined(conditionsOf(filters), ' AND ')} GROUP BY status, category`),
    );
  }

  /** So many rows after a place, without their parts. */
  async rowsAfter({ sort, ...filters }: FeedbackFilters, last: FeedbackRow | undefined, limit: number): Promise<FeedbackRow[]> {
    const order = ORDERS[sort];
    const conditions = conditionsOf(filters);
    if (last !== undefined) conditions.push(order.after(order.placeOf(last)));
    return this.database.rows<FeedbackRow>(
      plannedByValues(sql`SELECT * FROM feedback WHERE ${joined(conditions, ' AND ')} ORDER BY ${order.by(sql`feedback`)} LIMIT ${limit}`),
    );
  }
}

const byName = <Name extends string>(names: readonly Name[], countOf: (name: Name) => number): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, countOf(name)])) as Record<Name, number>;

function conditionsOf(filters: Filters): Sql[] {
  const { status, category, assigneeId, priority, tag, held = false, overdue, merged = false, userId, productId, q, from, to } = filters;
  return [
    held ? sql`held` : sql`NOT held`,
    merged ? sql`merged_into IS NOT NULL` : sql`merged_into IS NULL`,
    ...(status === undefined ? [] : [sql`status = ${status}`]),
    ...(category === undefined ? [] : [sql`category = ${category}`]),
    ...(assigneeId === undefined ? [] : [assigneeId === 'none' ? sql`assignee_id IS NULL` : sql`assignee_id = ${assigneeId}::uuid`]),
    ...(priority === undefined ? [] : [sql`priority = ${priority}`]),
    ...(tag === undefined ? [] : [sql`tags @> ARRAY[${tag}::text]`]),
    ...(overdue === undefined ? [] : [overdue ? OVERDUE : sql`NOT (${OVERDUE})`]),
    ...(userId === undefined ? [] : [sql`user_id = ${userId}`]),
    ...(productId === undefined ? [] : [sql`product_id = ${productId}`]),
    ...(q === undefined ? [] : [wordsCondition(wordsOf(q))]),
    ...(from === undefined ? [] : [sql`created_at >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql`created_at < ${to}::timestamptz`]),
  ];
}

const OVERDUE = sql`first_response_at IS NULL AND due_at <= now()`;

/** Marks alone are no words, and found nowhere. */
const wordsCondition = (words: readonly string[]): Sql => (words.length === 0 ? sql`false` : sql`words @> ${words}::text[]`);
