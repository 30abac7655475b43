import { Injectable } from '@nestjs/common';
import type { ExportAsked, ExportPart } from '#libs/contracts/export';
import { MessageRepository } from './message.repository.ts';
import { MessageViews } from './message-views.ts';

const AT_ONCE = 200;

/** What somebody wrote, wherever they wrote it, the oldest first. */
@Injectable()
export class ExportHandlers {
  constructor(
    private readonly messages: MessageRepository,
    private readonly views: MessageViews,
  ) {}

  async exportOf({ userId, cursor }: ExportAsked): Promise<ExportPart> {
    const rows = await this.messages.writtenBy(userId, cursor, AT_ONCE);
    const last = rows.at(-1);
    return { content: JSON.stringify(await this.views.of(rows)), next: rows.length < AT_ONCE || last === undefined ? null : last.place };
  }
}
