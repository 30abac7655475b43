/** Lists in Cassandra are cut into partitions by time: which partition a row is in follows from its id alone. */

export const DAY_MS = 86_400_000;

/** Later than every UUIDv7. */
export const LAST_ID = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

/** A partition holds so much time: a million notifications of one user in 90 days are some 40 MB a week. */
export const WEEK_MS = 7 * DAY_MS;

/** Milliseconds since 1970; undefined unless it is a UUIDv7. */
export const timeOf = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

export const bucketOf = (id: string, bucketMs: number): number => Math.floor((timeOf(id) ?? 0) / bucketMs);

/** Seconds until then; none is left of what has ended. */
export const secondsUntil = (end: number): number => Math.ceil((end - Date.now()) / 1_000);

/** The most partitions that are read at once. */
const WIDEST = 8;

/**
 * The newest `limit` rows of a list. `buckets` are those that have rows, newest first; they are read one, two, four at a time, because the
 * first is enough for whoever has much, and whoever has little has few.
 */
export async function newest<T>(
  buckets: readonly number[],
  limit: number,
  read: (bucket: number, limit: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0, width = 1; at < buckets.length && found.length < limit; at += width, width = Math.min(2 * width, WIDEST)) {
    const parts = await Promise.all(buckets.slice(at, at + width).map((bucket) => read(bucket, limit - found.length)));
    found.push(...parts.flat());
  }
  return found.slice(0, limit);
}

export interface Slice<T> {
  readonly rows: readonly T[];
  /** The last that was looked at; undefined where the list ends. */
  readonly last: string | undefined;
}

/** Takes slice after slice until there are `limit` rows or the list ends: a slice may have fewer than were looked at. */
export async function gathered<T>(
  limit: number,
  before: string,
  slice: (before: string, limit: number) => Promise<Slice<T>>,
): Promise<T[]> {
  const found: T[] = [];
  for (let from: string | undefined = before; from !== undefined && found.length < limit; ) {
    const { rows, last }: Slice<T> = await slice(from, limit - found.length);
    found.push(...rows);
    from = last;
  }
  return found;
}

/** So many at once, all of them in the end. */
export async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(work));
}
