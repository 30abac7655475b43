import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { CouponTerms } from '#libs/contracts/coupon/api';
import { claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { fromTerms } from './coupon-input.ts';

export interface BulkRow {
  readonly id: string;
  readonly template: CouponTerms;
  readonly prefix: string;
  readonly count: number;
  readonly done: number;
}

/** Longer than a batch may take; a job whose process died is taken up by another after that. */
const LEASE_SECONDS = 10;

const COLUMNS = sql`id, template, prefix, count, done`;

@Injectable()
export class BulkRepository {
  constructor(private readonly database: Database) {}

  async create(transaction: Transaction, job: Omit<BulkRow, 'done'>): Promise<void> {
    await transaction.execute(sql`
      INSERT INTO bulk_jobs (id, template, prefix, count) VALUES (${job.id}, ${JSON.stringify(job.template)}::jsonb, ${job.prefix}, ${job.count})`);
  }

  find(id: string): Promise<BulkRow | undefined> {
    return this.database.row<BulkRow>(sql`SELECT ${COLUMNS} FROM bulk_jobs WHERE id = ${id}`);
  }

  /** Takes up a job that no replica works on. */
  claim(): Promise<BulkRow | undefined> {
    return this.database.row<BulkRow>(
      claim({
        table: sql`bulk_jobs`,
        key: sql`id`,
        due: sql`leased_until`,
        where: sql`done < count`,
        limit: 1,
        leaseSeconds: LEASE_SECONDS,
        returning: COLUMNS,
      }),
    );
  }

  /** Inserts codes and counts those that are new, in one transaction, so that a crash neither loses nor doubles any. */
  async add({ id, template, count }: BulkRow, codes: readonly string[]): Promise<BulkRow | undefined> {
    const terms = fromTerms(template);
    return this.database.transaction(async (transaction) => {
      const job = await transaction.row<BulkRow>(sql`SELECT done FROM bulk_jobs WHERE id = ${id} FOR NO KEY UPDATE`);
      const missing = codes.slice(0, count - (job?.done ?? count));
      const added = await transaction.execute(sql`
        INSERT INTO coupons (id, code, kind, value, rules, user_ids, starts_at, ends_at,
          usage_limit, per_user_limit, budget, automatic, stackable, public, active, bulk_id)
        SELECT id, code, ${terms.kind}::text, ${terms.value}::bigint, ${JSON.stringify(terms.rules)}::jsonb, ${terms.user_ids}::uuid[],
          ${terms.starts_at}::timestamptz, ${terms.ends_at}::timestamptz,
          ${terms.usage_limit ?? 1}::bigint, ${terms.per_user_limit}::bigint, ${terms.budget}::bigint, false, ${terms.stackable}::boolean,
          ${terms.public}::boolean, ${terms.active}::boolean, ${id}::uuid
        FROM unnest(${missing.map(() => uuidv7())}::uuid[], ${missing}::text[]) AS made (id, code)
        ON CONFLICT (code) WHERE withdrawn_at IS NULL DO NOTHING`);
      return transaction.row<BulkRow>(sql`
        UPDATE bulk_jobs SET done = done + ${added}::bigint, leased_until = ${fromNow(LEASE_SECONDS)}
        WHERE id = ${id} RETURNING ${COLUMNS}`);
    });
  }

  /** In the order they were made, after the one with this id. */
  codes(id: string, after: string | undefined, limit: number): Promise<{ id: string; code: string }[]> {
    return this.database.rows(sql`
      SELECT id, code FROM coupons WHERE bulk_id = ${id} ${when(after !== undefined, () => sql`AND id > ${after}::uuid`)} ORDER BY id LIMIT ${limit}`);
  }
}
