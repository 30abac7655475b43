import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Channel, SuppressionReason } from '#libs/contracts/notification/views';
import { Database } from '#libs/persistence/database';
import { sql, when } from '#libs/persistence/sql';

export interface SuppressionRow {
  readonly id: string;
  readonly channel: Channel;
  readonly address: string;
  readonly reason: SuppressionReason;
  readonly created_at: Date;
}

/** Addresses compare without case. */
export const normalised = (address: string): string => address.trim().toLowerCase();

/** Addresses that no mail goes to any more: they do not exist, or their reader complained. */
@Injectable()
export class SuppressionRepository {
  constructor(private readonly database: Database) {}

  async add(channel: Channel, address: string, reason: SuppressionReason): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO suppressions (id, channel, address, reason) VALUES (${uuidv7()}, ${channel}, ${normalised(address)}, ${reason})
      ON CONFLICT DO NOTHING`);
  }

  /** Reasons by address. */
  async of(channel: Channel, addresses: readonly string[]): Promise<ReadonlyMap<string, readonly SuppressionReason[]>> {
    const rows = await this.database.rows<SuppressionRow>(
      sql`SELECT address, reason FROM suppressions WHERE channel = ${channel} AND address = ANY(${addresses.map(normalised)}::text[])`,
    );
    return new Map(
      [...Map.groupBy(rows, ({ address }) => address)].map(([address, found]) => [address, found.map(({ reason }) => reason)]),
    );
  }

  page(filter: {
    readonly address?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  }): Promise<SuppressionRow[]> {
    const { address, before, limit } = filter;
    return this.database.rows<SuppressionRow>(sql`
      SELECT id, channel, address, reason, created_at FROM suppressions
      WHERE true ${when(address !== undefined, () => sql`AND address = ${normalised(address ?? '')}`)}
        ${when(before !== undefined, () => sql`AND id < ${before}::uuid`)}
      ORDER BY id DESC LIMIT ${limit}`);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM suppressions WHERE id = ${id}`)) === 1;
  }
}
