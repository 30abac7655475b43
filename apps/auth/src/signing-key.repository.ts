import { Injectable } from '@nestjs/common';
import type { JsonWebKey } from '#libs/contracts/auth/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

export interface AnnouncedKey {
  readonly jwk: JsonWebKey;
  /** The secret of its refresh tokens under the key before it; null when there was none. */
  readonly wrapped: { readonly by: string; readonly secret: string } | null;
}

/** Keys that replicas of this service sign with. */
@Injectable()
export class SigningKeyRepository {
  constructor(private readonly database: Database) {}

  async announce({ jwk, wrapped }: AnnouncedKey): Promise<void> {
    await this.database.execute(sql`
      INSERT INTO signing_keys (kid, jwk, wrapped_secret, wrapped_by)
      VALUES (${jwk.kid}, ${JSON.stringify(jwk)}, ${wrapped?.secret ?? null}, ${wrapped?.by ?? null})
      ON CONFLICT (kid) DO UPDATE SET
        seen_at = now(),
        wrapped_secret = coalesce(excluded.wrapped_secret, signing_keys.wrapped_secret),
        wrapped_by = coalesce(excluded.wrapped_by, signing_keys.wrapped_by)`);
  }

  /** Keys that a token which is still good may be signed with. */
  async published(minutes: number): Promise<JsonWebKey[]> {
    const rows = await this.database.rows<{ jwk: JsonWebKey }>(
      sql`SELECT jwk FROM signing_keys WHERE seen_at > now() - make_interval(mins => ${minutes})`,
    );
    return rows.map(({ jwk }) => jwk);
  }

  /** Secrets that one of these keys opens. */
  async wrappedBy(kids: readonly string[]): Promise<{ by: string; secret: string }[]> {
    return this.database.rows(
      sql`SELECT wrapped_by AS by, wrapped_secret AS secret FROM signing_keys WHERE wrapped_by = ANY(${kids}::text[])`,
    );
  }
}
