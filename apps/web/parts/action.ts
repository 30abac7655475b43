import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
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

/** A tick that is kept by the shop: it shows what was chosen at once, and what is kept when that is answered. */
export function useTick(kept: boolean, keep: (isOn: boolean) => Promise<void>) {
  const [wanted, setWanted] = useState<boolean>();
  const { busy, failure, run } = useAction();
  const choose = async (isOn: boolean): Promise<void> => {
    setWanted(isOn);
    await run(() => keep(isOn));
    setWanted(undefined);
  };
  return { isOn: wanted ?? kept, busy, failure, choose };
}
