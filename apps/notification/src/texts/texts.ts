import { hash } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { CHANNELS, type Channel, LOCALES, type Locale } from '#libs/contracts/notification/views';
import { Rounds } from '#libs/runtime/rounds';
import { TEMPLATES, type Template } from '../causes.ts';
import { en } from './en.ts';
import { pageOf } from './free-wording.ts';
import { hi } from './hi.ts';
import { type NewText, TextRepository, type TextRow } from './text.repository.ts';
import type { Wording } from './text.ts';

/** Another replica's edit is in use here after so long. */
const REFRESH_MS = 10_000;

/** Stands for a DLT id while SMS go to the sandbox: a real provider is not handed a text with it. */
export const UNREGISTERED = 'not-registered';

export interface ActiveText {
  readonly wording: Wording;
  readonly version: number;
  readonly dltTemplateId: string | undefined;
}

/** The texts in use. Those that come with the service are versions like an admin's. */
@Injectable()
export class Texts implements OnApplicationBootstrap {
  /** Undefined until they are read: the couriers begin with the application, too. */
  private active: ReadonlyMap<string, ActiveText> | undefined;

  constructor(
    private readonly repository: TextRepository,
    rounds: Rounds,
  ) {
    rounds.every('notification.texts', REFRESH_MS, () => this.refresh());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.repository.addBuiltIn(builtIn());
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const rows = await this.repository.active();
    this.active = new Map(rows.map((row) => [keyOf(row.key, row.locale, row.channel), activeOf(row)]));
  }

  /** @throws unavailable until the texts are read; then the message waits */
  find(template: string, locale: Locale, channel: Channel): ActiveText | undefined {
    if (this.active === undefined) throw refuse('unavailable');
    return this.active.get(keyOf(template, locale, channel));
  }
}

const keyOf = (template: string, locale: Locale, channel: Channel): string => `${template} ${locale} ${channel}`;

const activeOf = ({ locale, channel, subject, text, html, version, dlt_template_id }: TextRow): ActiveText => ({
  wording: {
    text,
    ...(subject === null ? {} : { subject }),
    ...(html === null ? channel === 'email' && { html: pageOf(locale, subject ?? '', text) } : { html }),
  },
  version,
  dltTemplateId: dlt_template_id ?? undefined,
});

function builtIn(): NewText[] {
  const wordings: Readonly<Record<Locale, Readonly<Record<Template, Partial<Record<Channel, Wording>>>>>> = { en, hi };
  return TEMPLATES.flatMap((key) =>
    LOCALES.flatMap((locale) =>
      CHANNELS.flatMap((channel) => {
        const wording = wordings[locale][key][channel];
        if (wording === undefined) return [];
        const { subject = null, text, html = null } = wording;
        const built_in = hash('sha256', JSON.stringify([subject, text, html]), 'base64url');
        return { key, locale, channel, subject, text, html, dlt_template_id: channel === 'sms' ? UNREGISTERED : null, built_in };
      }),
    ),
  );
}
