import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Logger } from '#libs/observability/logger';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { InjectLogger } from '#libs/runtime/core.module';

const EVERY_MS = 10 * 60_000;

/** Forgets what nothing can depend on any more. The audit log stays. */
@Injectable()
export class Retention implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    @InjectLogger() private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.sweep().catch((error: unknown) => this.logger.warn({ err: error }, 'retention.failed'));
    }, EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Sessions go 60 days after their last sign of life, twice as long as an idle one is good. */
  async sweep(): Promise<void> {
    await this.database.execute(sql`
      DELETE FROM revocations WHERE ctid IN (SELECT ctid FROM revocations WHERE expires_at < now() - interval '1 minute' LIMIT 1000)`);
    await this.database.execute(sql`
      DELETE FROM email_tokens WHERE token_hash IN (SELECT token_hash FROM email_tokens WHERE expires_at < now() - interval '1 day' LIMIT 1000)`);
    await this.database.execute(sql`
      DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE last_seen_at < now() - interval '60 days' LIMIT 1000)`);
  }
}
