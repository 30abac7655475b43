import type { FastifyInstance, FastifyReply } from 'fastify';
import { API_VERSION } from '#libs/contracts/openapi';
import { type DemoLogin } from './gateway.env.ts';
import { escaped } from './html.ts';

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DAY_SECONDS = 86_400;
/** Researchers are to look again after this time. */
const SECURITY_TXT_DAYS = 180;
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#8a1c4a"/><path d="M9 10h14l-2 13H11zM12 10a4 4 0 0 1 8 0" fill="none" stroke="#fff" stroke-width="2"/></svg>';

export interface OwnPages {
  /** Shows a page with every address, for developers. */
  readonly isDevelopment: boolean;
  readonly servesDocs: boolean;
  readonly servesShop: boolean;
  readonly servesInbox: boolean;
  readonly demoLogins: readonly DemoLogin[];
  readonly publicUrl: string;
  /** `mailto:` or `https:`; where weaknesses are reported. */
  readonly securityContact: string;
}

/** Addresses that belong to no operation: the front door, and what browsers, crawlers and researchers look for at every site. */
export function serveOwnPages(fastify: FastifyInstance, pages: OwnPages): readonly string[] {
  const about = {
    name: 'Only2U',
    version: API_VERSION,
    docs: pages.servesDocs ? '/api/docs' : null,
    openapi: '/api/openapi.json',
    status: '/api/status',
  };
  const answers: Record<string, (reply: FastifyReply) => FastifyReply> = {
    '/api': (reply) => reply.header('cache-control', 'no-cache').send(about),
    '/favicon.ico': (reply) => text(reply, 'image/svg+xml', ICON),
    '/robots.txt': (reply) => text(reply, 'text/plain; charset=utf-8', robots(pages)),
    '/.well-known/security.txt': (reply) => text(reply, 'text/plain; charset=utf-8', securityText(pages)),
    '/': (reply) => {
      if (pages.isDevelopment)
        return reply
          .header('content-security-policy', PAGE_POLICY)
          .header('cache-control', 'no-store')
          .type('text/html; charset=utf-8')
          .send(frontPage(pages));
      return pages.servesShop ? reply.redirect('/demo/', 302) : reply.header('cache-control', 'no-cache').send(about);
    },
    ...(pages.servesShop && {
      // Until the admin application stands there.
      '/admin': (reply) => reply.redirect('/demo/staff', 302),
      '/admin/': (reply) => reply.redirect('/demo/staff', 302),
    }),
  };
  for (const [path, answer] of Object.entries(answers)) fastify.get(path, (_request, reply) => answer(reply));
  return Object.keys(answers);
}

const text = (reply: FastifyReply, type: string, body: string): FastifyReply =>
  reply.header('cache-control', `public, max-age=${DAY_SECONDS}`).type(type).send(body);

/** What is worth finding is the shop; a cart, an order and the API are not. */
function robots({ servesShop }: OwnPages): string {
  const closed = ['/api/', '/dev/', '/admin', '/demo/staff', '/demo/account', '/demo/orders', '/demo/checkout', '/demo/cart'];
  return `User-agent: *\n${servesShop ? closed.map((path) => `Disallow: ${path}`).join('\n') : 'Disallow: /'}\n`;
}

function securityText({ publicUrl, securityContact }: OwnPages): string {
  const expires = new Date(Date.now() + SECURITY_TXT_DAYS * DAY_SECONDS * 1_000).toISOString();
  return `Contact: ${securityContact}\nExpires: ${expires}\nPreferred-Languages: en, hi\nCanonical: ${publicUrl}/.well-known/security.txt\n`;
}

function frontPage({ servesDocs, servesShop, servesInbox, demoLogins }: OwnPages): string {
  const links: [address: string, name: string, about: string][] = [
    ...(servesShop
      ? ([
          ['/demo/', 'Shop', 'as customers see it'],
          ['/admin', 'Admin', 'orders, stock, coupons, for staff'],
        ] as [string, string, string][])
      : []),
    ...(servesDocs ? ([['/api/docs', 'API', 'read and try every operation']] as [string, string, string][]) : []),
    ['/api/openapi.json', 'OpenAPI', 'the document for generated clients'],
    ...(servesInbox ? ([['/dev/inbox', 'Inbox', 'mails and messages that would have left']] as [string, string, string][]) : []),
    ['/api/status', 'Status', 'which services are up'],
  ];
  const rows = demoLogins.map(
    ({ role, login, password }) =>
      `<tr><td>${escaped(role)}</td><td><code>${escaped(login)}</code></td><td><code>${escaped(password)}</code></td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Only2U</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:44rem;padding:2rem 1rem;color:#222;background:#faf8f5}h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}a{color:#8a1c4a}
ul{list-style:none;padding:0}li{padding:.4rem 0}table{border-collapse:collapse}td,th{text-align:left;padding:.3rem 1.2rem .3rem 0}code{user-select:all}</style>
<h1>Only2U</h1><ul>${links.map(([address, name, what]) => `<li><a href="${address}">${name}</a>: ${what}</li>`).join('')}</ul>
${rows.length === 0 ? '' : `<h2>Demo logins</h2><table><thead><tr><th>role</th><th>e-mail</th><th>password</th></tr></thead><tbody>${rows.join('')}</tbody></table>`}
<p>This page exists in development only.</p></html>`;
}
