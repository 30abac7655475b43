/** The same order for the same seed, so that a test that failed can be run again. */
export function shuffled<T>(items: readonly T[], seed: number = Math.floor(Math.random() * 2 ** 32)): T[] {
  const result = [...items];
  let state = seed >>> 0;
  // A linear congruential generator (Numerical Recipes' constants); its high bits are good enough to shuffle with.
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  for (let last = result.length - 1; last > 0; last -= 1) {
    const chosen = below(last + 1);
    [result[last], result[chosen]] = [result[chosen] as T, result[last] as T];
  }
  return result;
}
