import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import { type ByKey, type NewText, notificationApi, type TestText, type VersionOfTemplate } from '#libs/contracts/notification/api';
import type { MessageTemplate, MessageTemplateList, RenderedMessage, TemplateVersion } from '#libs/contracts/notification/views';
import { causeOf, isTemplate, TEMPLATES, type Template } from '../causes.ts';
import { TextRepository, type TextRow } from './text.repository.ts';
import { MissingVariable, rendered, variablesIn, type Wording } from './text.ts';
import { Texts } from './texts.ts';

/** Texts as admins edit them. */
@Injectable()
export class TextHandlers {
  constructor(
    private readonly repository: TextRepository,
    private readonly texts: Texts,
  ) {}

  async templates(): Promise<MessageTemplateList> {
    const byKey = Map.groupBy(await this.repository.all(), ({ key }) => key);
    return { items: TEMPLATES.map((key) => templateOf(key, byKey.get(key) ?? [])) };
  }

  async template({ key }: ByKey): Promise<MessageTemplate> {
    return templateOf(known(key), await this.repository.all(key));
  }

  async putText({ key, locale, channel, subject, text, html, dltTemplateId }: NewText): Promise<TemplateVersion> {
    const template = known(key);
    const wording = { text, ...(subject === undefined ? {} : { subject }), ...(html === undefined ? {} : { html }) };
    const problem = problemOf(template, channel, wording, dltTemplateId);
    if (problem !== undefined) throw notificationApi.refuse('notification.bad_template', problem);
    const row = await this.repository.add({
      ...{
        key,
        locale,
        channel,
        subject: subject ?? null,
        text,
        html: html ?? null,
        dlt_template_id: dltTemplateId ?? null,
        built_in: null,
      },
    });
    await this.texts.refresh();
    return versionOf(row);
  }

  async activateText({ key, version }: VersionOfTemplate): Promise<TemplateVersion> {
    const row = await this.repository.activate(known(key), version);
    if (row === undefined) throw notFound();
    await this.texts.refresh();
    return versionOf(row);
  }

  async testText({ key, locale, channel, data }: TestText): Promise<RenderedMessage> {
    await this.texts.refresh();
    const active = this.texts.find(known(key), locale, channel);
    if (active === undefined) throw notFound();
    try {
      return rendered(active.wording, data);
    } catch (error) {
      if (!(error instanceof MissingVariable)) throw error;
      throw notificationApi.refuse('notification.missing_variable', error.message);
    }
  }
}

function known(key: string): Template {
  if (!isTemplate(key)) throw notFound();
  return key;
}

const allowedIn = (template: Template): readonly string[] => ['name', ...causeOf(template).variables];

function problemOf(
  template: Template,
  channel: NewText['channel'],
  wording: Wording,
  dltTemplateId: string | undefined,
): string | undefined {
  const { channels, needs = [] } = causeOf(template);
  if (!channels.includes(channel)) return `${template} has no ${channel}`;
  const used = variablesIn(wording);
  const unknown = used.filter((name) => !allowedIn(template).includes(name));
  if (unknown.length > 0) return `{{${unknown[0]}}} is no variable of ${template}: ${allowedIn(template).join(', ')}`;
  const inText = variablesIn({ text: wording.text });
  const inPage = wording.html === undefined ? undefined : variablesIn({ text: wording.html });
  const missing = needs.find((name) => !inText.includes(name) || (inPage !== undefined && !inPage.includes(name)));
  if (missing !== undefined) return `{{${missing}}} is missing`;
  if (channel === 'sms') return dltTemplateId === undefined ? 'An SMS needs the id that its text is registered with' : undefined;
  return wording.subject === undefined ? 'subject is missing' : undefined;
}

const templateOf = (key: Template, rows: readonly TextRow[]): MessageTemplate => ({
  key,
  category: causeOf(key).category,
  variables: [...allowedIn(key)],
  versions: rows.map(versionOf),
});

const versionOf = ({ version, locale, channel, subject, text, html, dlt_template_id, active, created_at }: TextRow): TemplateVersion => ({
  ...{ version, locale, channel, text, active, createdAt: created_at.toISOString() },
  ...(subject === null ? {} : { subject }),
  ...(html === null ? {} : { html }),
  ...(dlt_template_id === null ? {} : { dltTemplateId: dlt_template_id }),
});
