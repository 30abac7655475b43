import { type FieldError, invalid } from '#libs/contracts/errors';

/**
 * These fields without blanks around them, where they are given. Words that consist of blanks alone are refused: they pass as long
 * enough, and nobody could read them in a list.
 */
export function trimmed<T extends object, K extends keyof T & string>(input: T, names: readonly K[], path = ''): Pick<T, K> {
  const errors: FieldError[] = [];
  const out: Partial<T> = {};
  for (const name of names) {
    const value = input[name];
    if (typeof value !== 'string') continue;
    const text = value.toWellFormed().trim();
    if (text === '') errors.push({ path: `${path}${name}`, message: 'must not be blank' });
    // Text in, text out.
    out[name] = text as T[K];
  }
  if (errors.length > 0) throw invalid(errors);
  return out as Pick<T, K>;
}
