import { useEffect, useState } from 'react';
import { type Failure, failureIn } from './failure.ts';

export interface Resource<T> {
  readonly data: T | undefined;
  readonly failure: Failure | undefined;
  readonly reload: () => void;
  readonly replace: (data: T) => void;
}

/** Loads what `key` names, again whenever it changes; an answer that comes after the key changed is dropped. */
export function useResource<T>(key: string, load: () => Promise<T>): Resource<T> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ key: string; data?: T; failure?: Failure }>({ key });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is new at each drawing, and `key` says when it means something else.
  useEffect(() => {
    let isWanted = true;
    const keep = (next: { data: T } | { failure: Failure }): void => {
      if (isWanted) setState({ key, ...next });
    };
    load().then(
      (data) => keep({ data }),
      (error) => keep({ failure: failureIn(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, turn]);
  const current = state.key === key ? state : undefined;
  return {
    data: current?.data,
    failure: current?.failure,
    reload: () => {
      setState({ key });
      setTurn((before) => before + 1);
    },
    replace: (data) => setState({ key, data }),
  };
}

export interface Action {
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  readonly run: (work: () => Promise<void>) => Promise<void>;
  readonly forget: () => void;
}

/** Runs one thing at a time: a second click while the first is under way does nothing. */
export function useAction(): Action {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure }>({ busy: false });
  return {
    busy: state.busy,
    failure: state.failure,
    async run(work) {
      if (state.busy) return;
      setState({ busy: true });
      try {
        await work();
        setState({ busy: false });
      } catch (error) {
        setState({ busy: false, failure: failureIn(error) });
      }
    },
    forget: () => setState({ busy: false }),
  };
}
