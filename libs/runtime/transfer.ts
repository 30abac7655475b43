import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FormPart, Transfer } from '#libs/contracts/call';
import { invalid, refuse } from '#libs/contracts/errors';

/** Longer names of fields are cut, and so unknown. */
const MAX_NAME_BYTES = 100;

/** Bodies are left to the handlers, which read them as they come. */
export async function takeStreams(fastify: FastifyInstance): Promise<void> {
  fastify.removeAllContentTypeParsers();
  await fastify.register(multipart);
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

export function transferFor(request: FastifyRequest, reply: FastifyReply, query: Readonly<Record<string, string>>): Transfer {
  const { headers } = request;
  const length = headers['content-length'];
  return {
    accept: headers.accept,
    contentType: headers['content-type'],
    length: length === undefined ? undefined : Number(length),
    query,
    body: request.raw,
    parts: (limits) => partsOf(request, limits),
    noteRepeat: () => void reply.header('idempotency-replayed', 'true'),
  };
}

async function* partsOf(
  request: FastifyRequest,
  { fields, fieldBytes }: { readonly fields: number; readonly fieldBytes: number },
): AsyncGenerator<FormPart> {
  // A second file is let through, so that the handler can refuse it by name; how long a file may be is the handler's to count.
  const limits = {
    fields,
    files: 2,
    parts: fields + 2,
    fieldNameSize: MAX_NAME_BYTES,
    fieldSize: fieldBytes,
    fileSize: Number.POSITIVE_INFINITY,
  };
  const parts = request.parts({ limits });
  for (;;) {
    const { value: part, done } = await parts.next().catch((error: unknown) => {
      throw isLimit(error)
        ? invalid([{ path: '', message: 'has more fields than there are' }])
        : refuse('malformed', 'The form cannot be read');
    });
    if (done === true || part === undefined) return;
    yield part.type === 'file'
      ? { kind: 'file', name: part.fieldname, fileName: part.filename ?? '', body: part.file satisfies Readable }
      : { kind: 'field', name: part.fieldname, value: String(part.value), isCut: part.valueTruncated || part.fieldnameTruncated };
  }
}

const LIMITS: ReadonlySet<unknown> = new Set(['FST_PARTS_LIMIT', 'FST_FILES_LIMIT', 'FST_FIELDS_LIMIT']);
const isLimit = (error: unknown): boolean => LIMITS.has((error as { code?: unknown } | null)?.code);
