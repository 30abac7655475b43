import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

@Injectable()
export class LinkKeyRepository {
  constructor(private readonly database: Database) {}

  /** The key that is kept, or this one from now on: the first replica's. */
  async ensure(name: string, secret: string): Promise<string> {
    await this.database.execute(sql`INSERT INTO link_keys (name, secret) VALUES (${name}, ${secret}) ON CONFLICT DO NOTHING`);
    const kept = await this.database.row<{ secret: string }>(sql`SELECT secret FROM link_keys WHERE name = ${name}`);
    return kept?.secret ?? secret;
  }
}
