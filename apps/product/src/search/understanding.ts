import type { KnownWord } from './spelling.ts';

/** A word of a query, as the database reads it. */
export interface AskedWord {
  readonly word: string;
  readonly lexeme: string;
  readonly sound: string;
  /** It says nothing: and, for, the. */
  readonly isFiller: boolean;
  /** In how many products, about; 0: in none. */
  readonly products: number;
}

/** Lexemes that a product must all have. */
export interface Alternative {
  readonly lexemes: readonly string[];
  /** It fits too, but what fits without it comes first: maroon, where red is asked for. */
  readonly isWeaker: boolean;
}

/** Words or phrases of which a product must have one. */
export interface Unit {
  /** Places of its words in the query. */
  readonly from: number;
  readonly to: number;
  readonly alternatives: readonly Alternative[];
}

/** What is known beside the catalogue's words. Keys are lexemes with blanks between them. */
export interface Knowledge {
  readonly version: number;
  /** What a word or phrase finds beside itself. */
  readonly synonyms: ReadonlyMap<string, readonly Alternative[]>;
  /** The single words among the synonyms. */
  readonly words: readonly KnownWord[];
  /** Ids of the categories that have a word in their name, with all below them. */
  readonly categories: ReadonlyMap<string, readonly string[]>;
}

const LONGEST_PHRASE = 3;

/** Without words that say nothing; with them where there are no others. */
export function meaningful(words: readonly AskedWord[]): readonly AskedWord[] {
  const telling = words.filter(({ isFiller }) => !isFiller);
  return telling.length > 0 ? telling : words;
}

export const isKnown = ({ lexeme, products }: AskedWord, { synonyms, categories }: Knowledge): boolean =>
  products > 0 || synonyms.has(lexeme) || categories.has(lexeme);

/** `instead`: words that are meant by one that nobody knows, by its place. */
export function unitsOf(
  words: readonly AskedWord[],
  knowledge: Knowledge,
  instead: ReadonlyMap<number, readonly KnownWord[]> = new Map(),
): Unit[] {
  const units: Unit[] = [];
  for (let from = 0; from < words.length; ) {
    const unit = phraseAt(words, from, knowledge, instead) ?? wordAt(words, from, knowledge, instead);
    units.push(unit);
    from = unit.to;
  }
  return units;
}

/** The longest phrase that begins here and has synonyms. */
function phraseAt(
  words: readonly AskedWord[],
  from: number,
  { synonyms }: Knowledge,
  instead: ReadonlyMap<number, readonly KnownWord[]>,
): Unit | undefined {
  for (let to = Math.min(words.length, from + LONGEST_PHRASE); to > from + 1; to -= 1) {
    const lexemes = words.slice(from, to).map(({ lexeme }, index) => instead.get(from + index)?.[0]?.lexeme ?? lexeme);
    const others = synonyms.get(lexemes.join(' '));
    if (others !== undefined) return { from, to, alternatives: different([{ lexemes, isWeaker: false }, ...others]) };
  }
  return undefined;
}

function wordAt(
  words: readonly AskedWord[],
  from: number,
  { synonyms, categories }: Knowledge,
  instead: ReadonlyMap<number, readonly KnownWord[]>,
): Unit {
  const word = words[from];
  const own = word === undefined || !(word.products > 0 || categories.has(word.lexeme)) ? [] : [word.lexeme];
  const meant = instead.get(from)?.map(({ lexeme }) => lexeme) ?? [];
  const asked = word === undefined ? [] : [word.lexeme];
  return {
    from,
    to: from + 1,
    alternatives: different([
      ...[...own, ...meant].map((lexeme) => ({ lexemes: [lexeme], isWeaker: false })),
      ...[...asked, ...meant].flatMap((lexeme) => synonyms.get(lexeme) ?? []),
    ]),
  };
}

/** Of two with the same lexemes the stronger. */
export const different = (alternatives: readonly Alternative[]): Alternative[] => [
  ...new Map(
    alternatives
      .toSorted((one, other) => Number(other.isWeaker) - Number(one.isWeaker))
      .map((alternative) => [alternative.lexemes.join(' '), alternative]),
  ).values(),
];

/** `facts`: names, brands, colours, categories and attributes; `everything`: descriptions too. */
export type Depth = 'facts' | 'everything';

const quoted = (lexeme: string, depth: Depth): string =>
  `'${lexeme.replaceAll("'", "''").replaceAll('\\', '\\\\')}'${depth === 'facts' ? ':ABC' : ''}`;

/** A product has all units. */
export const allOf = (units: readonly Unit[], knowledge: Knowledge, depth: Depth): string =>
  units.map((unit) => unitText(unit, knowledge, depth)).join(' & ');

const unitText = ({ alternatives }: Unit, { categories }: Knowledge, depth: Depth): string =>
  `(${alternatives
    .map(
      ({ lexemes }) =>
        `(${lexemes.map((lexeme) => `(${[quoted(lexeme, depth), ...marks(categories.get(lexeme))].join(' | ')})`).join(' & ')})`,
    )
    .join(' | ')})`;

const marks = (categoryIds: readonly string[] = []): string[] => categoryIds.map((id) => `'c:${id}'`);

/** Categories with all below them that count for the rank: those that a word of the shop stands for, and not all of a department. */
const FEW_CATEGORIES = 6;

/** Words that count for the rank: each that a product has raises it. */
export function rankedBy(units: readonly Unit[], { categories }: Knowledge): string {
  const lexemes = new Set(
    units.flatMap(({ alternatives }) => {
      const strong = alternatives.filter(({ isWeaker }) => !isWeaker);
      return (strong.length > 0 ? strong : alternatives).flatMap(({ lexemes: all }) => all);
    }),
  );
  const places = [...lexemes].flatMap((lexeme) => categories.get(lexeme) ?? []);
  return [...[...lexemes].map((lexeme) => quoted(lexeme, 'everything')), ...(places.length > FEW_CATEGORIES ? [] : marks(places))].join(
    ' | ',
  );
}
