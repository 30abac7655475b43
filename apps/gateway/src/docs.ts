import { hash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { AnyContract } from '#libs/contracts/contract';
import { API_VERSION, openApiOf } from '#libs/contracts/openapi';
import { CompressedOnce, encodingFor, varyByEncoding } from './compression.ts';
import type { DemoLogin } from './gateway.env.ts';

const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'";
const DOCUMENT_PATHS = ['/api/openapi.json', '/api/docs-json'];

export interface Docs {
  readonly withPage: boolean;
  /** Whose buttons sign in on the page; none in production. */
  readonly demoLogins: readonly DemoLogin[];
}

/** The OpenAPI document at `/api/openapi.json` (and `/api/docs-json`), and a page to read and try it at `/api/docs`. */
export async function serveDocs(
  app: NestFastifyApplication,
  contracts: readonly AnyContract[],
  { withPage, demoLogins }: Docs,
): Promise<readonly string[]> {
  const fastify = app.getHttpAdapter().getInstance();
  const document = openApiOf(contracts, API_VERSION);
  const content = new CompressedOnce(Buffer.from(JSON.stringify(document)));
  const etag = hash('sha1', content.body, 'base64url');
  for (const path of DOCUMENT_PATHS) {
    fastify.get(path, async (request, reply) => {
      const encoding = encodingFor(request.headers['accept-encoding'], content.body.length);
      varyByEncoding(reply);
      reply.header('etag', `"${etag}.${encoding ?? 'plain'}"`).header('cache-control', 'public, max-age=60');
      if (request.headers['if-none-match'] === reply.getHeader('etag')) return reply.status(304).send();
      if (encoding !== undefined) reply.header('content-encoding', encoding);
      return reply.type('application/json; charset=utf-8').send(encoding === undefined ? content.body : await content.as(encoding));
    });
  }
  if (!withPage) return DOCUMENT_PATHS;
  fastify.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/docs')) reply.header('content-security-policy', PAGE_POLICY);
  });
  // Our document is complete as it stands; swagger only shows it.
  SwaggerModule.setup('api/docs', app, document as unknown as OpenAPIObject, {
    raw: ['yaml'],
    yamlDocumentUrl: 'api/docs-yaml',
    customSiteTitle: 'Only2U API',
    customJsStr: signInButtons(demoLogins),
    swaggerOptions: { persistAuthorization: demoLogins.length > 0, displayRequestDuration: true, docExpansion: 'none' },
  });
  return [...DOCUMENT_PATHS, '/api/docs', '/api/docs-yaml'];
}

/** A button for each demo login; what it gets is what Authorize would be given by hand. */
function signInButtons(logins: readonly DemoLogin[]): string {
  if (logins.length === 0) return '';
  const known = JSON.stringify(logins).replaceAll('<', '\\u003c');
  return `addEventListener('load', () => {
  const bar = document.createElement('p');
  bar.style.cssText = 'margin:0;padding:.6rem 1rem;background:#faf3ef;font:15px system-ui,sans-serif';
  bar.setAttribute('role', 'status');
  const said = document.createElement('span');
  for (const { role, login, password } of ${known}) {
    const button = document.createElement('button');
    button.textContent = 'Sign in as ' + login + ' (' + role + ')';
    button.style.cssText = 'margin-right:.6rem;padding:.3rem .7rem';
    button.onclick = async () => {
      const answer = await fetch('/api/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: login, password }),
      });
      const body = await answer.json();
      if (answer.ok) window.ui.authActions.authorize({ bearer: { name: 'bearer', schema: { type: 'http', scheme: 'bearer' }, value: body.accessToken } });
      said.textContent = answer.ok ? 'Signed in as ' + login + ' for 15 minutes.' : body.detail;
    };
    bar.append(button);
  }
  bar.append(said);
  document.body.prepend(bar);
});`;
}
