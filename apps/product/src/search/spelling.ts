import { editDistance } from './edit-distance.ts';

/** A word that the catalogue or the synonyms know. */
export interface KnownWord {
  readonly word: string;
  readonly lexeme: string;
  readonly sound: string;
  /** It stands in names, brands, colours or attributes, and not in descriptions alone. */
  readonly isFact: boolean;
  /** In how many it is, about. */
  readonly products: number;
}

/** Words that are as near as the best one. */
const MAX_MEANT = 4;
/** A spelling that sounds alike is nearer than one that is only written alike. */
const SOUND_MALUS = 0.4;
/** People seldom miss a word's first letter. */
const FIRST_LETTER_MALUS = 0.6;
/** Nor do they often look for a word that stands in descriptions alone. */
const PROSE_MALUS = 0.9;

/** Mistakes that a word of such a length may have. */
const tolerance = (length: number): number => (length <= 2 ? 0 : length <= 5 ? 1 : length <= 8 ? 2 : 3);

/** The known words that somebody most likely meant, best first; empty where none is near enough. */
export function meantBy(typed: { readonly word: string; readonly sound: string }, candidates: readonly KnownWord[]): KnownWord[] {
  const allowed = tolerance(typed.word.length);
  const near = candidates
    .map((known) => ({ known, cost: costOf(typed, known) }))
    .filter(({ cost }) => cost <= allowed + FIRST_LETTER_MALUS)
    .map(({ known, cost }) => ({ known, cost: cost + (known.isFact ? 0 : PROSE_MALUS) }))
    .sort((one, other) => one.cost - other.cost || other.known.products - one.known.products);
  const best = near[0]?.cost ?? 0;
  return near
    .filter(({ cost }) => cost <= best)
    .slice(0, MAX_MEANT)
    .map(({ known }) => known);
}

function costOf(typed: { readonly word: string; readonly sound: string }, known: KnownWord): number {
  const [written, heard] = [editDistance(typed.word, known.word), editDistance(typed.sound, known.sound) + SOUND_MALUS];
  return Math.min(written, heard) + (typed.word[0] === known.word[0] ? 0 : FIRST_LETTER_MALUS);
}
