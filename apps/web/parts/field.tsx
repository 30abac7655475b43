import { type InputHTMLAttributes, type Ref, useId } from 'react';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly hint?: string | undefined;
  /** What is wrong with the value. */
  readonly problem?: string | undefined;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** A labelled input; it must be filled unless `required` is false. */
export function Field({ label, value, change, hint, problem, inputRef, required = true, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        <span>{label}</span>
        {!required && <span className="quiet"> (optional)</span>}
      </label>
      <input
        {...rest}
        id={id}
        ref={inputRef}
        value={value}
        required={required}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        aria-invalid={problem === undefined ? undefined : true}
        onChange={({ target }) => change(target.value)}
      />
      {problem !== undefined && <small className="problem">{problem}</small>}
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
