import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { codeOf, type Failure, failureIn, isMissing, wordsFor } from './failure.ts';

export const Loading = ({ what }: { what: string }) => (
  <p className="loading" role="status">
    <span className="spinner" aria-hidden="true" />
    <span>{`Loading ${what} …`}</span>
  </p>
);

/** Fills the place of what could not be loaded. */
export function Failed({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <div className="panel centred" role="alert">
      <p>{wordsFor(failure)}</p>
      <button type="button" className="button" onClick={() => retry()}>
        Try again
      </button>
    </div>
  );
}

interface PageFailedProps {
  readonly failure: Failure;
  readonly retry: () => void;
  /** What the page is about, such as `product`. */
  readonly what: string;
  /** A way on from what is not there. */
  readonly way: { readonly to: string; readonly words: string };
}

/** Fills a page whose subject could not be loaded; trying again does not bring back what is gone. */
export function PageFailed({ failure, retry, what, way }: PageFailedProps) {
  if (!isMissing(failure)) return <Failed failure={failure} retry={retry} />;
  return (
    <Empty title={`This ${what} is not here`} isPage>
      <p>It was taken away, or its address is not quite right.</p>
      <Link to={way.to} className="button">
        {way.words}
      </Link>
    </Empty>
  );
}

/** A page, or the place of a list, that has nothing to show. */
export function Empty({ title, isPage = false, children }: { title: string; isPage?: boolean; children?: ReactNode }) {
  return (
    <div className="panel centred">
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}

interface RefusedProps {
  readonly failure: Failure | undefined;
  /** What a code means here, where it means something else elsewhere. */
  readonly words?: Readonly<Record<string, string>>;
}

/** Beside the button that was pressed. */
export const Refused = ({ failure, words = {} }: RefusedProps) => (
  <p className="refused" role="alert">
    {failure === undefined ? '' : (words[codeOf(failure) ?? ''] ?? wordsFor(failure))}
  </p>
);

interface ShowMoreProps {
  readonly list: {
    readonly error: unknown;
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
}

/** Reads the next page of a list. */
export function ShowMore({ list }: ShowMoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <div className="centred">
      <Refused failure={list.isFetchNextPageError ? failureIn(list.error) : undefined} />
      <button type="button" className="button secondary" disabled={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {list.isFetchingNextPage ? 'Loading …' : 'Show more'}
      </button>
    </div>
  );
}

interface SureButtonProps {
  readonly children: string;
  /** What the button says at the second press. */
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
