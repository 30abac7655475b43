import { useEffect, useRef } from 'react';
import type { Schemas } from '#libs/client/client';

interface FacetProps {
  readonly label: string;
  /** As the address has them: with commas between. */
  readonly chosen: string;
  readonly choose: (chosen: string) => void;
  /** Undefined until the list has come. */
  readonly values: readonly Schemas['FacetValue'][] | undefined;
}

/** Values with a comma of their own are chosen alone. */
export const valuesOf = (chosen: string): readonly string[] => chosen.split(',').filter((part) => part !== '');

export function without(chosen: string, value: string): string {
  return chosen === value
    ? ''
    : valuesOf(chosen)
        .filter((one) => one !== value)
        .join(',');
}

const withValue = (chosen: string, value: string): string => (value.includes(',') ? value : [...valuesOf(chosen), value].join(','));

/** A drop-down of what a list can be narrowed to, with how many products there would be; several can be chosen. */
export function Facet({ label, chosen, choose, values = [] }: FacetProps) {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = ({ target }: PointerEvent): void => {
      // On a phone it pushes the page down, and closing it would move what is being touched.
      if (innerWidth >= 720 && box.current !== null && target instanceof Node && !box.current.contains(target)) box.current.open = false;
    };
    addEventListener('pointerdown', close);
    return () => removeEventListener('pointerdown', close);
  }, []);
  const isChosen = (value: string): boolean => chosen === value || valuesOf(chosen).includes(value);
  const offered = new Set(values.map(({ value }) => value));
  // What is chosen and has no match any more can still be taken back.
  const gone = valuesOf(chosen).filter((value) => chosen !== value && !offered.has(value) && !values.some((one) => one.value === chosen));
  const count = values.some(({ value }) => value === chosen) ? 1 : valuesOf(chosen).length;
  return (
    <details
      className="facet"
      name="facet"
      ref={box}
      onKeyDown={({ key, currentTarget }) => {
        if (key !== 'Escape') return;
        currentTarget.open = false;
        currentTarget.querySelector('summary')?.focus();
      }}
    >
      <summary>{count > 0 ? `${label} (${count})` : label}</summary>
      <fieldset>
        <legend className="unseen">{label}</legend>
        {values.length === 0 && gone.length === 0 && <p className="quiet">Nothing to choose from</p>}
        {[...values, ...gone.map((value) => ({ value, count: 0 }))].map(({ value, count: products }) => (
          <label key={value} className="chip">
            <input
              type="checkbox"
              checked={isChosen(value)}
              onChange={() => choose(isChosen(value) ? without(chosen, value) : withValue(chosen, value))}
            />
            <span>{value}</span>
            <small>{products.toLocaleString('en-IN')}</small>
            <span className="unseen">{products === 1 ? 'piece' : 'pieces'}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}
