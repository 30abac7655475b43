import { useId } from 'react';

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  /** Value and words of each choice. */
  readonly choices: readonly (readonly [string, string])[];
}

/** A labelled choice of one. */
export function Select({ label, value, change, choices }: SelectProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => change(target.value)}>
        {choices.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
