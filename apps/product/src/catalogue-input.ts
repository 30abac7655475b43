/** These fields without blanks around them, where they are given; and without halves of a surrogate pair, which Postgres refuses. */
export function trimmed<T extends object, K extends keyof T & string>(input: T, names: readonly K[]): Pick<T, K> {
  const out: Partial<T> = {};
  for (const name of names) {
    const value = input[name];
    // Text in, text out.
    if (typeof value === 'string') out[name] = value.toWellFormed().trim() as T[K];
  }
  return out as Pick<T, K>;
}
