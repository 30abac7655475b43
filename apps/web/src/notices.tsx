import type { ReactNode } from 'react';
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
