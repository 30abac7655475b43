import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FetchExport } from '#libs/contracts/auth/account';
import type { ExportRequested, ExportStatus } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import type { ByteAnswer } from '#libs/contracts/contract';
import { notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { ExportRepository } from './export.repository.ts';
import { ExportBuilder } from './export-builder.ts';
import { FactorSecrets } from './factor-secrets.ts';
import { RateWindows } from './rate-windows.ts';

const LINK = 'export link';

/** What the shop has of somebody, as one archive for themselves. */
@Injectable()
export class ExportHandlers {
  constructor(
    private readonly exports: ExportRepository,
    private readonly builder: ExportBuilder,
    private readonly secrets: FactorSecrets,
    private readonly windows: RateWindows,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  async requestExport(_input: object, call: Call): Promise<ExportRequested> {
    const { userId } = userOf(call);
    await this.windows.admit([{ key: `export:${userId}`, limit: 5, seconds: 86_400 }]);
    const id = await this.exports.begin(userId);
    this.builder.wake();
    return { id };
  }

  async exportStatus({ id }: ById, call: Call): Promise<ExportStatus> {
    const found = await this.exports.find(userOf(call).userId, id);
    if (found === undefined) throw notFound();
    const link = `${publicUrl(this.settings)}/api/auth/exports/${id}?key=${this.secrets.hashOf(LINK, id)}`;
    return { status: found.state, done: found.parts, of: this.builder.sourceCount, ...(found.state === 'done' ? { url: link } : {}) };
  }

  /** The link is its own key: browsers fetch it without a token. */
  async fetchExport({ id, key }: FetchExport): Promise<ByteAnswer> {
    const given = Buffer.from(key);
    const fits = this.secrets.hashesOf(LINK, id).some((good) => good.length === given.length && timingSafeEqual(Buffer.from(good), given));
    const parts = fits ? await this.exports.contents(id) : [];
    if (parts.length === 0) throw notFound();
    const body = `{${parts.map(({ service, content }) => `${JSON.stringify(service)}:${content}`).join(',')}}`;
    return { body: Buffer.from(body), mime: 'application/json', maxAge: 0, fileName: 'only2u-data.json' };
  }
}
