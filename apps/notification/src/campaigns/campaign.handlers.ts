import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, userOf } from '#libs/contracts/call';
import { type FieldError, invalid, notFound, refuse } from '#libs/contracts/errors';
import { notificationApi, type SendCampaign } from '#libs/contracts/notification/api';
import type { Campaign, CampaignCounts, CampaignPage, Channel } from '#libs/contracts/notification/views';
import type { ById, PageQuery } from '#libs/contracts/page';
import { Cursors, pageOf } from '#libs/persistence/cursor';
import { Database } from '#libs/persistence/database';
import { onceFor } from '#libs/persistence/idempotency';
import { CampaignRepository, type CampaignRow, type StateCount } from './campaign.repository.ts';
import { CampaignWorker } from './campaign-worker.ts';

const USUAL_CHANNELS: readonly Channel[] = ['push', 'email', 'in_app'];
const SUPPORT_USERS = 50;
const AHEAD_DAYS = 90;
const LIST = 'campaigns';
const VARIABLE = /\{\{\s*([^}]*?)\s*\}\}/g;

/** Messages that staff send to many. */
@Injectable()
export class CampaignHandlers {
  constructor(
    private readonly database: Database,
    private readonly repository: CampaignRepository,
    private readonly worker: CampaignWorker,
    private readonly cursors: Cursors,
  ) {}

  async send(input: SendCampaign, call: Call): Promise<Campaign> {
    const { userId, roles } = userOf(call);
    const problems = problemsOf(input);
    if (problems.length > 0) throw invalid(problems);
    const { userIds, segment, category, title, body, data = {}, channels = USUAL_CHANNELS, sendAt } = input;
    // In the order they get it in.
    const users = userIds === undefined ? null : [...new Set(userIds)].sort();
    if (!roles.includes('admin') && (category === 'promotions' || users === null || users.length > SUPPORT_USERS))
      throw refuse('forbidden', `Support writes to ${SUPPORT_USERS} named users at most, and sends no promotions`);
    const id = uuidv7();
    const campaign = await this.database.transaction((transaction) =>
      onceFor(transaction, call, id, {
        make: async () => {
          await this.repository.create(transaction, {
            ...{ id, category, title, body, data, channels, user_ids: users, segment: segment ?? null, created_by: userId },
            ...{ send_at: sendAt === undefined ? new Date() : new Date(sendAt), recipients: users?.length ?? 0 },
          });
          return id;
        },
        read: async (known) => known,
      }),
    );
    this.worker.wake();
    return this.campaign({ id: campaign });
  }

  async campaign({ id }: ById): Promise<Campaign> {
    const row = await this.repository.find(id);
    if (row === undefined) throw notFound();
    return viewOf(row, await this.repository.counts(id));
  }

  async campaigns({ limit, cursor }: PageQuery): Promise<CampaignPage> {
    const before = cursor === undefined ? undefined : String(this.cursors.decode(cursor, LIST)[0]);
    const { items, nextCursor } = pageOf(await this.repository.page(before, limit + 1), limit, ({ id }) => this.cursors.encode([id], LIST));
    return { items: await Promise.all(items.map(async (row) => viewOf(row, await this.repository.counts(row.id)))), nextCursor };
  }

  async cancelCampaign({ id }: ById): Promise<Campaign> {
    const row = await this.repository.cancel(id);
    if (row === undefined) {
      const { status } = await this.campaign({ id });
      throw notificationApi.refuse('notification.already_finished', `This campaign is ${status}`);
    }
    this.worker.wake();
    return this.campaign({ id });
  }
}

function problemsOf({ userIds, segment, title, body, data = {}, channels, sendAt }: SendCampaign): FieldError[] {
  const problems: FieldError[] = [];
  if ((userIds === undefined) === (segment === undefined))
    problems.push({ path: 'userIds', message: 'or segment must be given, and not both' });
  if (segment !== undefined && Object.values(segment).every((value) => value === undefined))
    problems.push({ path: 'segment', message: 'must say who; everyone: true means all' });
  if (segment?.everyone === false) problems.push({ path: 'segment.everyone', message: 'must be true, or left out' });
  if (channels?.includes('sms') === true) problems.push({ path: 'channels', message: 'may not have sms, which needs a registered text' });
  if (channels !== undefined && new Set(channels).size !== channels.length)
    problems.push({ path: 'channels', message: 'must be different' });
  if (sendAt !== undefined && Date.parse(sendAt) > Date.now() + AHEAD_DAYS * 86_400_000)
    problems.push({ path: 'sendAt', message: `must be within ${AHEAD_DAYS} days` });
  for (const [path, text] of Object.entries({ title, body })) {
    const unknown = [...text.matchAll(VARIABLE)].find(([, name]) => name !== 'name');
    if (unknown !== undefined) problems.push({ path, message: `${unknown[0]} is unknown; {{name}} is the reader's name` });
  }
  for (const [name, value] of Object.entries(data))
    if (value.search(VARIABLE) >= 0) problems.push({ path: `data.${name}`, message: 'may have no variables' });
  return problems;
}

const viewOf = (row: CampaignRow, counts: readonly StateCount[]): Campaign => ({
  ...{
    id: row.id,
    category: row.category,
    title: row.title,
    status: row.status,
    sendAt: row.send_at.toISOString(),
    recipients: row.recipients,
  },
  ...{ counts: countsOf(counts), createdBy: row.created_by, createdAt: row.created_at.toISOString() },
  ...(row.finished_at === null ? {} : { finishedAt: row.finished_at.toISOString() }),
});

function countsOf(counts: readonly StateCount[]): CampaignCounts {
  const of = (...states: string[]): number =>
    counts.filter(({ state }) => states.includes(state)).reduce((sum, { messages }) => sum + messages, 0);
  return {
    ...{ waiting: of('waiting'), queued: of('queued', 'sending'), sent: of('sent'), delivered: of('delivered') },
    ...{ failed: of('failed'), bounced: of('bounced'), unknown: of('unknown') },
    skipped: Object.fromEntries(counts.filter(({ state }) => state === 'skipped').map(({ reason, messages }) => [reason, messages])),
  };
}
