import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { AnyOperation } from '#libs/contracts/contract';
import { shapeOf } from '#libs/contracts/schema';
import type { EdgeReply } from './edge-request.ts';

export type Encoding = 'br' | 'gzip';

/** Less is not worth the header. */
const MIN_BYTES = 1_024;
/** Beside attackers' text, the length of a compressed answer would tell a secret letter by letter. */
const SECRET_FIELD = /token|secret|password|keyid|recovery|otpauth/i;
const SECRET_SERVICES: ReadonlySet<string> = new Set(['auth', 'payment']);

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/**
 * By how often the bytes are sent. A list of 20 products (13 KB) costs 0.09 ms of a pool thread as fleeting Brotli (1.7 KB), 0.3 ms as kept
 * Brotli (1.4 KB); more effort than that wins nothing.
 */
const EFFORT = { fleeting: { br: 1, gzip: 1 }, kept: { br: 4, gzip: 6 } } as const;

function compress(body: Buffer, encoding: Encoding, effort: { readonly br: number; readonly gzip: number }): Promise<Buffer> {
  if (encoding === 'gzip') return zip(body, { level: effort.gzip });
  return brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: effort.br, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } });
}

const verdicts = new WeakMap<AnyOperation, boolean>();

/** Whether answers of this operation may be compressed: none that holds a secret or a token. */
export function mayCompress(operation: AnyOperation): boolean {
  const known = verdicts.get(operation);
  if (known !== undefined) return known;
  const classes = operation.out === undefined ? [] : shapeOf(operation.out).classes;
  const isOpen =
    !SECRET_SERVICES.has(operation.service) && !classes.some((type) => shapeOf(type).fields.some(({ name }) => SECRET_FIELD.test(name)));
  verdicts.set(operation, isOpen);
  return isOpen;
}

/** The encoding that the client likes best of ours, for a body that is worth it. */
export function encodingFor(acceptEncoding: string | string[] | undefined, size: number): Encoding | undefined {
  if (acceptEncoding === undefined || size < MIN_BYTES) return undefined;
  const weights = new Map<string, number>();
  for (const part of String(acceptEncoding).toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, q === undefined ? 1 : Number(q.slice(2)) || 0);
  }
  const weightOf = (encoding: Encoding): number => weights.get(encoding) ?? weights.get('*') ?? 0;
  const best: Encoding = weightOf('br') >= weightOf('gzip') ? 'br' : 'gzip';
  return weightOf(best) > 0 ? best : undefined;
}

/** For bytes that are sent once; outside the event loop. */
export const compressed = (body: Buffer, encoding: Encoding): Promise<Buffer> => compress(body, encoding, EFFORT.fleeting);

/** Caches must keep one answer for each encoding. */
export const varyByEncoding = (reply: EdgeReply): void => addVary(reply, 'Accept-Encoding');

/** One more request header that the answer depends on. */
export function addVary(reply: EdgeReply, name: string): void {
  const others = reply.getHeader('vary');
  reply.header('vary', others === undefined ? name : `${others}, ${name}`);
}

/** Bytes that stay the same while they are kept, such as those of a hot read: each encoding is made once. */
export class CompressedOnce {
  private readonly made = new Map<Encoding, Promise<Buffer>>();
  private readonly done = new Map<Encoding, Buffer>();

  constructor(readonly body: Buffer) {}

  /** The bytes in this encoding (none: as they are), once they are made. */
  ready(encoding: Encoding | undefined): Buffer | undefined {
    return encoding === undefined ? this.body : this.done.get(encoding);
  }

  as(encoding: Encoding): Promise<Buffer> {
    let bytes = this.made.get(encoding);
    if (bytes === undefined) {
      bytes = compress(this.body, encoding, EFFORT.kept).then((compressed) => {
        this.done.set(encoding, compressed);
        return compressed;
      });
      this.made.set(encoding, bytes);
    }
    return bytes;
  }
}
