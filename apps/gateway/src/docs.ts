import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { AnyContract } from '#libs/contracts/contract';
import { API_VERSION, openApiOf } from '#libs/contracts/openapi';

const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'";

/** The OpenAPI document at `/api/docs-json`, and a page to read and try it at `/api/docs`. */
export async function serveDocs(app: NestFastifyApplication, contracts: readonly AnyContract[], withPage: boolean): Promise<void> {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', async (request, reply) => {
      if (request.url.startsWith('/api/docs')) reply.header('content-security-policy', PAGE_POLICY);
    });
  // Our document is complete as it stands; swagger only serves it.
  const document = openApiOf(contracts, API_VERSION) as unknown as OpenAPIObject;
  SwaggerModule.setup('api/docs', app, document, {
    jsonDocumentUrl: 'api/docs-json',
    yamlDocumentUrl: 'api/docs-yaml',
    ui: withPage,
    customSiteTitle: 'Only2U API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, docExpansion: 'none' },
  });
}
