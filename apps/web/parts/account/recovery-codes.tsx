import { useState } from 'react';
import { save } from '../save.ts';

/** Codes that stand in for a lost phone. They are shown once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const [isSaved, setIsSaved] = useState(false);
  const keep = (): void => {
    save(
      new Blob([`Recovery codes for Only2U. Each is good once.\n\n${codes.join('\n')}\n`], { type: 'text/plain' }),
      'only2u-recovery-codes.txt',
    );
    setIsSaved(true);
  };
  return (
    <>
      <p className="quiet">Each of them is good once in the place of a code, should your phone be lost. They are never shown again.</p>
      <ul className="codes" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>
        <button type="button" className="button secondary" onClick={keep}>
          {isSaved ? 'Saved. Save them again' : 'Save them as a file'}
        </button>
      </p>
    </>
  );
}
