import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { SETTINGS } from '#libs/runtime/core.module';
import { cloneRoot } from '#libs/runtime/project-root';
import { publicUrl, type Settings } from '#libs/runtime/settings';

/** Pictures come from where the catalogue takes them: without a list of origins, from every https address. */
const pagePolicy = (imageOrigins: readonly string[], own: string): string =>
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
  `frame-ancestors 'none'; img-src 'self' data: ${imageOrigins.length === 0 ? 'https:' : imageOrigins.join(' ')} ${own}`;
const YEAR_MS = 31_536_000_000;
const DAY_MS = 86_400_000;
/** An SVG that is opened by itself runs nothing. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/** The fields with which Razorpay's checkout sends a shopper back. */
const PAYMENT_FIELD = /^(razorpay_(payment_id|order_id|signature)|error\[(code|reason)\])$/;
const MAX_FIELD = 200;
const MAIL_LINKS = ['/verify-email', '/reset-password'] as const;

/**
 * The demo shop under `/demo` and the staff's pages under `/demo/staff`, where they were built, and the pictures of the shop's goods. The
 * addresses are the pages' own, so each answers with its page. Answers their entries.
 */
export async function serveDemoShop(app: NestFastifyApplication, web = join(cloneRoot(), 'apps', 'web')): Promise<readonly string[]> {
  const root = join(web, 'dist');
  if (!existsSync(join(root, 'index.html'))) return [];
  await app.register(fastifyStatic, { root, serve: false, dotfiles: 'ignore', preCompressed: true });
  const fastify = app.getHttpAdapter().getInstance();
  const values = app.get<Settings>(SETTINGS);
  // Files have whole addresses here, and a page may be open under another name of this host.
  const policy = pagePolicy(values.IMAGE_ORIGINS, new URL(publicUrl(values)).origin);
  const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
    reply
      .header('content-security-policy', policy)
      // A page kept by a browser would ask for files that a newer build no longer has.
      .header('cache-control', 'no-cache')
      .sendFile(page, { cacheControl: false });

  // With its query, such as the code of a friend.
  fastify.get('/demo', ({ url }, reply) => reply.redirect(`/demo/${url.slice('/demo'.length)}`, 308));
  fastify.get('/demo/*', (_request, reply) => sendPage(reply, 'index.html'));
  fastify.get('/demo/staff', (_request, reply) => sendPage(reply, 'staff/index.html'));
  fastify.get('/demo/staff/*', (_request, reply) => sendPage(reply, 'staff/index.html'));
  // Their names change with their content.
  fastify.get<{ Params: { '*': string } }>('/demo/assets/*', ({ params }, reply) =>
    reply.sendFile(`assets/${params['*']}`, { maxAge: YEAR_MS, immutable: true }),
  );
  fastify.get<{ Params: { name: string } }>('/media/catalogue/:name', ({ params }, reply) =>
    reply
      .header('content-security-policy', PICTURE_POLICY)
      .sendFile(`${params.name}.svg`, join(web, 'media', 'catalogue'), { maxAge: DAY_MS }),
  );
  // The links of mails. Behind the `#` their token reaches the page and no log.
  for (const path of MAIL_LINKS) {
    fastify.get(path, ({ url }, reply) => {
      const token = new URLSearchParams(url.split('?', 2)[1]).get('token') ?? '';
      const kept = new URLSearchParams({ token: token.length <= MAX_FIELD ? token : '' });
      return reply.header('cache-control', 'no-store').redirect(`/demo${path}#${kept}`, 302);
    });
  }
  // Razorpay's checkout posts to its callback. Behind the `#` its answer reaches the page and no log.
  fastify.post<{ Params: { id: string }; Body: unknown }>('/demo/orders/:id', ({ params, body }, reply) => {
    const answer = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '');
    const kept = [...answer].filter(([name, value]) => PAYMENT_FIELD.test(name) && value.length <= MAX_FIELD);
    return reply.redirect(`/demo/orders/${encodeURIComponent(params.id)}#${new URLSearchParams(kept)}`, 303);
  });
  return ['/demo', '/demo/', '/demo/staff', ...MAIL_LINKS];
}
