import type { IncomingHttpHeaders } from 'node:http';
import { type Encoding, encodingFor } from './compression.ts';
import type { HotAnswer } from './hot-reads.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const HOT_CACHE_CONTROL = 'public, max-age=1';

/** How a hot answer leaves for one client. */
export interface HotReply {
  readonly encoding: Encoding | undefined;
  readonly etag: string;
  /** The client has it already. */
  readonly isKnown: boolean;
}

export function hotReply({ content, version }: HotAnswer, headers: IncomingHttpHeaders): HotReply {
  const encoding = encodingFor(headers['accept-encoding'], content.body.length);
  return { encoding, etag: etagOf(version, encoding), isKnown: matches(headers['if-none-match'], version) };
}

/** Each encoding is a representation of its own, so it has its own tag. */
const etagOf = (version: string, encoding: Encoding | undefined): string => `"${version}${encoding === undefined ? '' : `.${encoding}`}"`;

/** Whether the client has this version, in whatever encoding. */
const matches = (header: string | undefined, version: string): boolean =>
  header !== undefined &&
  (header === '*' || header.split(',').some((one) => one.trim().replace(/^(?:W\/)?"(.*?)(?:\.br|\.gzip)?"$/, '$1') === version));
