import type { ByteRange } from '#libs/contracts/contract';

export interface Asked {
  readonly method: string;
  readonly ifNoneMatch: string | undefined;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** What a conditional request is answered with, by RFC 9110: 304, a part, none of the parts there are, or the whole. */
export type Portion = { readonly status: 200 | 304 | 416 } | { readonly status: 206; readonly range: ByteRange };

export function portionFor({ method, ifNoneMatch, range, ifRange }: Asked, { size, etag }: { size: number; etag: string }): Portion {
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) return { status: 304 };
  // Ranges are defined for GET alone, and one that is meant for another representation gets all of this.
  if (range === undefined || method !== 'GET' || (ifRange !== undefined && ifRange.trim() !== `"${etag}"`)) return { status: 200 };
  return partOf(range, size);
}

/** Weakly, as RFC 9110 section 13.1.2 compares for reads. */
function names(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${etag}"`);
}

/** One range; several and those that cannot be read are ignored, which RFC 9110 section 14.2 allows. */
function partOf(header: string, size: number): Portion {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header.trim()) ?? [];
  if (first === '' && last === '') return { status: 200 };
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { status: 416 } : { status: 206, range: { start: size - length, end: size - 1 } };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return { status: 200 };
  return start >= size ? { status: 416 } : { status: 206, range: { start, end } };
}
