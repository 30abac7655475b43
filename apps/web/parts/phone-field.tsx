import { phoneOf } from '#libs/contracts/spellings';
import { CheckedField } from './checked-field.tsx';

interface PhoneFieldProps {
  readonly value: string;
  readonly change: (value: string) => void;
}

/** +91 98450 12345, as numbers are read out. */
export const spaced = (phone: string): string => `${phone.slice(0, 3)} ${phone.slice(3, 8)} ${phone.slice(8)}`;

/** Takes a mobile number as people write, paste and autofill it, and shows which one it was read as. Never cut: a shorter one is another's. */
export const PhoneField = ({ value, change }: PhoneFieldProps) => {
  const phone = phoneOf(value);
  return (
    <CheckedField
      label="Mobile number"
      value={value}
      change={change}
      type="tel"
      autoComplete="tel"
      inputMode="tel"
      problem={phone === undefined ? 'An Indian mobile number has 10 digits and begins with 6 to 9' : undefined}
      hint="10 digits, with or without +91"
      onBlur={() => phone !== undefined && change(spaced(phone))}
    />
  );
};
