import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { refuse } from '#libs/contracts/errors';
import type { Inbox, InboxMessage } from '#libs/contracts/gateway/views';

import { InjectEnvironment } from '#libs/runtime/app-environment';
import { readDevInbox } from '#libs/runtime/dev-inbox';
import { type EdgeReply, type EdgeRequest, queryOf } from './edge-request.ts';
import { type GatewayEnv, gatewayEnv } from './gateway.env.ts';
import { escaped } from './html.ts';
import { LIMITS_REDIS } from './rate-limits.ts';

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'";

/** The mails and messages that the sandbox kept back, newest first: JSON, or a page where the client asks for HTML. */
@Controller()
export class DevInboxController {
  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    @InjectEnvironment(gatewayEnv) private readonly env: GatewayEnv,
  ) {}

  @Get('/dev/inbox')
  async inbox(@Req() request: EdgeRequest, @Res() reply: EdgeReply): Promise<void> {
    if (!this.env.DEV_INBOX) throw refuse('not_found', 'There is no such path');
    const { to } = queryOf(request.url);
    const items = await readDevInbox(this.redis, to).catch(() => {
      throw refuse('unavailable');
    });
    reply.header('cache-control', 'no-store');
    if (/\btext\/html\b/.test(request.headers.accept ?? '')) {
      await reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(page(items, to));
    } else {
      const answer: Inbox = { items };
      await reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer));
    }
  }
}

function page(items: readonly InboxMessage[], to: string | undefined): string {
  const list = items
    .map(
      ({ channel, to: recipient, subject, text, at }) =>
        `<article><header><b>${escaped(subject ?? channel.toUpperCase())}</b><span>${escaped(channel)} to ${escaped(recipient)} · <time datetime="${escaped(at)}">${escaped(at.replace('T', ' ').slice(0, 19))}</time></span></header><pre>${escaped(text)}</pre></article>`,
    )
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dev inbox · Only2U</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:48rem;padding:2rem 1rem;color:#222;background:#faf8f5}h1{font-size:1.4rem}form{margin-bottom:1.5rem}input,button{font:inherit;padding:.4rem .7rem;border:1px solid #bbb;border-radius:.4rem}
article{background:#fff;border:1px solid #e5e0d8;border-radius:.6rem;padding:1rem;margin-bottom:1rem}header{display:flex;flex-wrap:wrap;gap:.2rem 1rem;justify-content:space-between}header span{color:#666;font-size:.875rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.6rem 0 0;font:inherit}</style>
<h1>Dev inbox</h1><p>Mails and messages that would have left; nothing is really sent while a provider runs in sandbox mode.</p>
<form><label>Recipient <input name="to" value="${escaped(to ?? '')}"></label> <button>Show</button></form>
${list || '<p>Nothing here yet.</p>'}</html>`;
}
