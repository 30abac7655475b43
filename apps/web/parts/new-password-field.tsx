import { useEffect, useState } from 'react';
import { CheckedField } from './checked-field.tsx';

const SHORTEST = 12;

interface NewPasswordFieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  /** The account's e-mail address: a password made of it is among the first that are tried. */
  readonly email: string;
}

/** Takes a new password, and says while it is typed what is wrong with it. */
export const NewPasswordField = ({ label, value, change, email }: NewPasswordFieldProps) => (
  <CheckedField
    label={label}
    type="password"
    value={value}
    change={change}
    autoComplete="new-password"
    minLength={SHORTEST}
    maxLength={128}
    hint="At least 12 characters; a few words make a good one."
    problem={useWeakness(value, email)}
  />
);

/** What is wrong with a new password; the rules are the shop's own. */
function useWeakness(password: string, email: string): string | undefined {
  const [isGuessable, setIsGuessable] = useState(false);
  useEffect(() => {
    let isWanted = true;
    const judge = async (): Promise<void> => {
      const rules = await import('#libs/auth/guessable-passwords');
      if (isWanted) setIsGuessable(rules.isGuessable(password, email));
    };
    // Without the chunk the shop judges alone, when it is sent.
    if (password.length >= SHORTEST) judge().catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [password, email]);
  if (password === '') return undefined;
  if (password.length < SHORTEST) return `${SHORTEST - password.length} more to go`;
  return isGuessable ? 'This is among the first that are tried. Choose another' : undefined;
}
