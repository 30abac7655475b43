import { type Collection, collection } from './entities.ts';
import type { Page } from './request-rules.ts';

/** A page of a list in Razorpay's order, the newest first; the records come oldest first. */
export function pageOf<T extends { created_at: number }>(
  records: readonly { entity: T }[],
  { count, skip, from, to }: Page,
  isWanted: (entity: T) => boolean = () => true,
): Collection<T> {
  const items: T[] = [];
  let passed = 0;
  for (let index = records.length - 1; index >= 0 && items.length < count; index -= 1) {
    const entity = records[index]?.entity;
    if (entity === undefined || entity.created_at < from || entity.created_at > to || !isWanted(entity)) continue;
    if (passed >= skip) items.push(entity);
    passed += 1;
  }
  return collection(items);
}
