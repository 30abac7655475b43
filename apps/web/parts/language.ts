import { sharedStore } from './site-data.ts';

export const LANGUAGES = [
  ['en', 'English'],
  ['hi', 'हिन्दी'],
] as const;
export type Language = (typeof LANGUAGES)[number][0];

const isLanguage = (value: unknown): value is Language => LANGUAGES.some(([one]) => one === value);

const store = sharedStore<Language>('only2u.language', (text) => {
  try {
    const value: unknown = JSON.parse(text);
    return isLanguage(value) ? value : undefined;
  } catch {
    return undefined;
  }
});

/** In which the pages speak that have texts in several; chosen by a switch, kept by this browser. */
export const language = {
  use: (): Language => store.use() ?? 'en',
  choose: (value: string): void => {
    if (isLanguage(value)) store.set(value);
  },
};

/** The texts of a page, once for each language. */
export type Catalogue<T> = Readonly<Record<Language, T>>;

export const useWords = <T>(catalogue: Catalogue<T>): T => catalogue[language.use()];
