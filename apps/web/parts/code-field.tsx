import { CheckedField } from './checked-field.tsx';

interface CodeFieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly hint?: string;
  /** Also takes one of the codes that stand in for a lost phone. */
  readonly isRecovery?: boolean;
}

/** The six digits of a code as people type and paste them; undefined for anything else. */
export function digitsOf(text: string): string | undefined {
  const digits = text.replace(/[\s\-.]/g, '');
  return /^\d{6}$/.test(digits) ? digits : undefined;
}

/** Takes a code of six digits; phones offer the one that has just come. Never cut: another code would come of it. */
export const CodeField = ({ isRecovery = false, ...rest }: CodeFieldProps) => (
  <CheckedField
    {...rest}
    autoComplete="one-time-code"
    inputMode={isRecovery ? 'text' : 'numeric'}
    autoCapitalize="off"
    spellCheck={false}
    problem={isRecovery || digitsOf(rest.value) !== undefined ? undefined : 'A code has 6 digits'}
  />
);
