import { ListOf, Means, Nullable, Optional, Text, Uuid, Whole } from './fields.ts';
import type { Class } from './schema.ts';

/** `?limit=&cursor=` of every paged list. */
export class PageQuery {
  @Means('How many at most.') @Whole(1, 100) limit: number = 20;
  @Means('The `nextCursor` of the page before; good only with the filters it came from.') @Optional() @Text(1, 600) cursor?: string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The class of a paged list: `export class ReviewPage extends pageOf(Review) {}`. */
export function pageOf<Item extends object>(item: Class<Item>): Class<Page<Item>> {
  class PageOf {
    @ListOf(() => item) items!: Item[];
    @Nullable() @Text(1, 600) nextCursor!: string | null;
  }
  return PageOf;
}

/** The class of a list that is not paged. */
export function listOf<Item extends object>(item: Class<Item>): Class<{ items: Item[] }> {
  class List {
    @ListOf(() => item) items!: Item[];
  }
  return List;
}

/** An operation that takes nothing. */
export class Nothing {}

/** What many operations take: the id of the object itself, of an order, of a user. */
export class ById {
  @Uuid() id!: string;
}
export class ByOrder {
  @Uuid() orderId!: string;
}
export class ByUser {
  @Uuid() userId!: string;
}
