import { type ComponentProps, useEffect, useRef } from 'react';
import { Field } from './field.tsx';

interface CheckedFieldProps extends Omit<ComponentProps<typeof Field>, 'inputRef'> {
  /** Why what was typed cannot be sent; undefined when it can. Empty ones are judged by `required`. */
  readonly problem: string | undefined;
}

/** A field whose form is not sent while what it says cannot be read; the browser shows why. */
export function CheckedField({ problem, ...rest }: CheckedFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const said = rest.value.trim() === '' ? '' : (problem ?? '');
  useEffect(() => input.current?.setCustomValidity(said), [said]);
  return <Field {...rest} inputRef={input} problem={said === '' ? undefined : said} />;
}
