import { codeOf, type Failure } from '../failure.ts';
import { type Catalogue, language, useWords } from '../language.ts';
import { type ChatWords, EN } from './words-en.ts';
import { HI } from './words-hi.ts';

const CATALOGUE: Catalogue<ChatWords> = { en: EN, hi: HI };

export const useChatWords = (): ChatWords => useWords(CATALOGUE);

/** What went wrong, in the reader's language. */
export function refusalWords(words: ChatWords, failure: Failure): string {
  if (failure.kind === 'declined') return failure.words;
  if (failure.kind !== 'refused') return words[failure.kind];
  return words.refusals[codeOf(failure) ?? ''] ?? failure.problem.detail;
}

const DAY_MS = 86_400_000;
const TIME_ZONE = 'Asia/Kolkata';
const formats = (locale: string) => ({
  day: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: TIME_ZONE }),
  time: new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: TIME_ZONE }),
});
const FORMATS: Catalogue<ReturnType<typeof formats>> = { en: formats('en-IN'), hi: formats('hi-IN') };

/** Times as India's clocks show them. */
export function useMoments() {
  const { day, time } = FORMATS[language.use()];
  const words = useChatWords();
  const [today, yesterday] = [day.format(Date.now()), day.format(Date.now() - DAY_MS)];
  const dayOf = (timestamp: string): string => {
    const date = day.format(new Date(timestamp));
    if (date === today) return words.today;
    return date === yesterday ? words.yesterday : date;
  };
  const timeOf = (timestamp: string): string => time.format(new Date(timestamp));
  return { dayOf, timeOf, momentOf: (timestamp: string): string => `${dayOf(timestamp)}, ${timeOf(timestamp)}` };
}
