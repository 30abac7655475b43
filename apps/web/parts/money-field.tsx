import type { ComponentProps } from 'react';
import { CheckedField } from './checked-field.tsx';
import { paiseOf, rupees } from './money.ts';

type MoneyFieldProps = Pick<ComponentProps<typeof CheckedField>, 'label' | 'value' | 'change' | 'required' | 'hint'>;

/** An amount in rupees. What it is read as stands below it, and what cannot be read is no amount: neither none nor another. */
export function MoneyField({ hint, ...rest }: MoneyFieldProps) {
  const paise = paiseOf(rest.value);
  return (
    <CheckedField
      {...rest}
      inputMode="decimal"
      autoComplete="off"
      problem={paise === undefined ? 'Rupees, such as 1,299.50 or 10,00,000' : undefined}
      hint={paise === undefined ? hint : [rupees(paise), hint].filter(Boolean).join('. ')}
    />
  );
}
