import { useState } from 'react';
import type { Failure } from './failure.ts';
import { type Action, useAction, useResource } from './resource.ts';

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

export interface Pages<First extends Page> {
  readonly first: First | undefined;
  /** Of all pages that were read. */
  readonly items: readonly First['items'][number][];
  readonly failure: Failure | undefined;
  readonly reload: () => void;
  /** Undefined on the last page. */
  readonly more: (() => Promise<void>) | undefined;
  readonly action: Action;
}

/** A list by pages, begun anew whenever `key` changes. */
export function usePages<First extends Page>(key: string, load: (cursor: string | undefined) => Promise<First>): Pages<First> {
  const first = useResource(key, () => load(undefined));
  const [older, setOlder] = useState<{ key: string; pages: readonly First[] }>({ key, pages: [] });
  const action = useAction();
  const behind = older.key === key ? older.pages : [];
  const pages = first.data === undefined ? [] : [first.data, ...behind];
  const next = pages.at(-1)?.nextCursor ?? undefined;
  return {
    first: first.data,
    items: pages.flatMap(({ items }) => items),
    failure: first.failure,
    reload: () => {
      setOlder({ key, pages: [] });
      first.reload();
    },
    more:
      next === undefined
        ? undefined
        : () =>
            action.run(async () => {
              const page = await load(next);
              setOlder({ key, pages: [...behind, page] });
            }),
    action,
  };
}
