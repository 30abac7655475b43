import { type ReactNode, useState } from 'react';
import { type Failure, wordsFor } from './failure.ts';

export const Loading = ({ what }: { what: string }) => (
  <p className="loading" role="status">
    <span className="spinner" aria-hidden="true" />
    Loading {what} …
  </p>
);

/** Fills the place of what could not be loaded. */
export function Failed({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <div className="panel centred" role="alert">
      <p>{wordsFor(failure)}</p>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="panel centred">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Beside the button that was pressed. */
export const Refused = ({ failure }: { failure: Failure | undefined }) => (
  <p className="refused" role="alert">
    {failure === undefined ? '' : wordsFor(failure)}
  </p>
);

/** Under a list that goes on. */
export function ShowMore({ more, busy, failure }: { more: (() => void) | undefined; busy: boolean; failure: Failure | undefined }) {
  if (more === undefined) return null;
  return (
    <div className="centred">
      <Refused failure={failure} />
      <button type="button" className="button secondary" disabled={busy} onClick={more}>
        {busy ? 'Loading …' : 'Show more'}
      </button>
    </div>
  );
}

interface SureButtonProps {
  readonly children: ReactNode;
  /** What it says before the second press. */
  readonly sure: string;
  readonly busy: boolean;
  readonly press: () => void;
  readonly testId?: string;
}

/** Does at the second press what cannot be taken back. */
export function SureButton({ children, sure, busy, press, testId }: SureButtonProps) {
  const [isSure, setIsSure] = useState(false);
  const settle = (): void => {
    setIsSure(false);
    press();
  };
  return (
    <button
      type="button"
      className={isSure ? 'button' : 'button secondary'}
      disabled={busy}
      data-testid={testId}
      onBlur={() => setIsSure(false)}
      onClick={isSure ? settle : () => setIsSure(true)}
    >
      {isSure ? sure : children}
    </button>
  );
}
