const PAUSE_MS = 500;

/** Does in a moment, once, what is asked for many times until then. */
export function inAMoment(work: () => void): () => void {
  let isWanted = false;
  const begin = (): void => {
    isWanted = false;
    work();
  };
  return () => {
    if (isWanted) return;
    isWanted = true;
    setTimeout(begin, PAUSE_MS);
  };
}
