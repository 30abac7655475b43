import { useId } from 'react';

interface TextAreaProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly maxLength: number;
  readonly rows?: number;
  readonly required?: boolean;
  readonly hint?: string;
}

/** A labelled text of several lines; it must be filled unless `required` is false. */
export function TextArea({ label, value, change, maxLength, rows = 4, required = true, hint }: TextAreaProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>
        <span>{label}</span>
        {!required && <span className="quiet"> (optional)</span>}
      </label>
      <textarea
        id={id}
        value={value}
        rows={rows}
        required={required}
        maxLength={maxLength}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ target }) => change(target.value)}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
