import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { backoffOf, claim, fromNow } from '#libs/persistence/claim';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { retention } from '../migrations/auth.retention.ts';

export interface ExportRow {
  readonly id: string;
  readonly user_id: string;
}

export interface ExportState {
  readonly state: 'running' | 'done';
  /** Parts that are there. */
  readonly parts: number;
}

const LEASE_SECONDS = 60;
const BACKOFF = { baseSeconds: 2, maxSeconds: 60 };
/** How long an archive can be fetched. */
const LINK_GOOD_FOR = retention.exports.but.made.keptFor;

/** Archives of what the shop has of somebody, while they are made and fetched. */
@Injectable()
export class ExportRepository {
  constructor(private readonly database: Database) {}

  /** The one that is being made, or a new one. */
  async begin(userId: string): Promise<string> {
    return this.database.transaction(async (transaction) => {
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext(${`export ${userId}`}))`);
      const running = await transaction.row<{ id: string }>(sql`SELECT id FROM exports WHERE user_id = ${userId} AND state = 'running'`);
      if (running !== undefined) return running.id;
      const id = uuidv7();
      await transaction.execute(sql`INSERT INTO exports (id, user_id) VALUES (${id}, ${userId})`);
      return id;
    });
  }

  find(userId: string, id: string): Promise<ExportState | undefined> {
    return this.database.row<ExportState>(sql`
      SELECT state, (SELECT count(*) FROM export_parts WHERE export_id = exports.id) AS parts FROM exports
      WHERE id = ${id} AND user_id = ${userId} AND (state = 'running' OR done_at > now() - ${LINK_GOOD_FOR}::interval)`);
  }

  claimDue(): Promise<ExportRow[]> {
    return this.database.rows<ExportRow>(
      claim({
        ...{ table: sql`exports`, key: sql`id`, due: sql`due_at`, where: sql`state = 'running'`, limit: 2, leaseSeconds: LEASE_SECONDS },
        ...{ set: sql`tries = tries + 1`, returning: sql`id, user_id` },
      }),
    );
  }

  async partsOf(id: string): Promise<string[]> {
    const rows = await this.database.rows<{ service: string }>(sql`SELECT service FROM export_parts WHERE export_id = ${id}`);
    return rows.map(({ service }) => service);
  }

  async keep(id: string, service: string, content: string): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO export_parts (export_id, service, content) SELECT ${id}, ${service}, ${content} FROM exports WHERE id = ${id} ON CONFLICT DO NOTHING`);
  }

  async finish(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE exports SET state = 'done', done_at = now() WHERE id = ${id} AND state = 'running'`);
  }

  async tryLater(id: string): Promise<void> {
    await this.database.execute(sql`UPDATE exports SET due_at = ${fromNow(backoffOf(sql`tries`, BACKOFF))} WHERE id = ${id}`);
  }

  /** The parts of an archive that can still be fetched; none otherwise. */
  contents(id: string): Promise<{ service: string; content: string }[]> {
    return this.database.rows(sql`
      SELECT service, content FROM export_parts JOIN exports ON exports.id = export_id
      WHERE export_id = ${id} AND state = 'done' AND done_at > now() - ${LINK_GOOD_FOR}::interval ORDER BY service`);
  }
}
