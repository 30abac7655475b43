import { useEffect, useState } from 'react';
import type { Failure } from '../failure.ts';
import { LANGUAGES, language } from '../language.ts';
import { refusalWords, useChatWords } from './chat-words.ts';

export const ChatLoading = ({ words }: { words: string }) => (
  <p className="chat-loading" role="status">
    <span className="spinner" aria-hidden="true" />
    <span>{words}</span>
  </p>
);

/** Fills the place of what could not be loaded. */
export function ChatFailed({ failure, retry }: { failure: Failure; retry: () => void }) {
  const words = useChatWords();
  return (
    <div className="panel centred" role="alert">
      <p>{refusalWords(words, failure)}</p>
      <button type="button" className="button" onClick={retry}>
        {words.tryAgain}
      </button>
    </div>
  );
}

/** Beside what was pressed. */
export function ChatRefused({ failure }: { failure: Failure | undefined }) {
  const words = useChatWords();
  return (
    <p className="refused" role="alert">
      {failure === undefined ? '' : refusalWords(words, failure)}
    </p>
  );
}

export function LanguageSwitch() {
  const words = useChatWords();
  const chosen = language.use();
  return (
    <label className="language">
      <span className="unseen">{words.language}</span>
      <select value={chosen} onChange={({ target }) => language.choose(target.value)} data-testid="language">
        {LANGUAGES.map(([one, name]) => (
          <option key={one} value={one} lang={one}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Whether the browser has a network at all. */
export function useOnline(): boolean {
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = (): void => setIsOnline(navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  return isOnline;
}

/** Says what keeps messages from coming; a connection that is only just being made is not spoken of. */
export function LineState({ isLive }: { isLive: boolean }) {
  const words = useChatWords();
  const isOnline = useOnline();
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    setIsLate(false);
    if (isLive) return undefined;
    const timer = setTimeout(() => setIsLate(true), 3_000);
    return () => clearTimeout(timer);
  }, [isLive]);
  const said = isOnline ? words.connecting : words.offline;
  return (
    <p className="line-state" role="status" data-testid="line-state">
      {isOnline && (isLive || !isLate) ? '' : said}
    </p>
  );
}
