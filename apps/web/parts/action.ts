import { useMutation } from '@tanstack/react-query';
import { type Failure, failureIn } from './failure.ts';

export interface Action {
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  readonly run: (work: () => Promise<void>) => Promise<void>;
  readonly forget: () => void;
}

/** Runs one thing at a time: a second click while the first is under way does nothing. */
export function useAction(): Action {
  const { mutateAsync, isPending, error, reset } = useMutation({ mutationFn: (work: () => Promise<void>) => work() });
  return {
    busy: isPending,
    failure: failureIn(error),
    async run(work) {
      // What went wrong is said by `failure`.
      if (!isPending) await mutateAsync(work).catch(() => undefined);
    },
    forget: reset,
  };
}
