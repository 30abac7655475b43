import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { AccountRepository, userOfRow } from './account.repository.ts';
import { AddressRepository } from './address.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { ConsentRepository } from './consent.repository.ts';
import { deviceName } from './device-name.ts';
import { PasskeyRepository } from './passkey.repository.ts';
import { SessionRepository } from './session.repository.ts';

const NEWEST_ENTRIES = 1_000;

/** What auth itself has of a user. */
@Injectable()
export class OwnExport {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly book: AddressRepository,
    private readonly sessions: SessionRepository,
    private readonly consents: ConsentRepository,
    private readonly passkeys: PasskeyRepository,
    private readonly audits: AuditRepository,
  ) {}

  async exportOf({ userId }: ExportAsked): Promise<ExportPart> {
    const user = await this.accounts.byId(userId);
    const sessions = await this.sessions.ofUser(userId);
    const { items: history } = await this.audits.find({ userId, limit: NEWEST_ENTRIES });
    const own = {
      account: user === undefined ? null : userOfRow(user),
      addresses: await this.book.list(userId),
      sessions: sessions.map(({ device, ip, created_at, last_seen_at }) => ({
        ...{ device: deviceName(device), ip, createdAt: created_at, lastSeenAt: last_seen_at },
      })),
      consents: await this.consents.history(userId),
      passkeys: (await this.passkeys.list(userId)).map(({ name, created_at, last_used_at }) => ({
        ...{ name, createdAt: created_at, lastUsedAt: last_used_at },
      })),
      history: history.map(({ at, action, ip }) => ({ at, action, ip })),
    };
    return { content: JSON.stringify([own]), next: null };
  }
}
