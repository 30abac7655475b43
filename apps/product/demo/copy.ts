import type { Colour } from './colours.ts';
import { deal } from './deal.ts';
import type { Fabric } from './fabrics.ts';
import type { Pattern } from './patterns.ts';
import type { Range, Style } from './range.ts';

/** What the words about a product are made from. */
export interface Subject {
  readonly brand: string;
  readonly range: Range;
  readonly style: Style;
  readonly fabric: Fabric;
  readonly pattern: Pattern;
  readonly colours: readonly Colour[];
  /** `Mandarin collar`, where the picture shows one. */
  readonly neckline: string | undefined;
}

const titled = (text: string): string => text.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

/** As within a sentence: `A-Line Kurta` is an `A-line kurta` there. */
const lowered = (text: string): string => text.toLowerCase().replaceAll('a-line', 'A-line');
/** As at the head of a sentence. */
export const sentenceCased = (text: string): string => text.charAt(0).toUpperCase() + lowered(text).slice(1);

/** `Piped Cuffs` and `Piping` are the same word to a reader. */
const stem = (word: string): string => word.toLowerCase().slice(0, 5);

function detailFor({ range, style, pattern, neckline }: Subject, turn: number, seed: number): string {
  const taken = new Set(`${style.name} ${pattern.title}`.split(' ').map(stem));
  const details = neckline ? [...range.details, titled(neckline)] : range.details;
  const fresh = details.filter((detail) => !detail.split(' ').some((word) => taken.has(stem(word))));
  return fresh.length === 0 ? '' : `with ${deal(fresh, turn, `${range.category}.detail`, seed)}`;
}

/** The name as the shop writes it. A piece in one colour is called after it; one in several is not. */
export function nameOf(subject: Subject, turn: number, seed: number): string {
  const { brand, range, style, fabric, pattern, colours } = subject;
  const colour = titled(colours[0]?.name ?? '');
  const detail = detailFor(subject, turn, seed);
  const single = [
    [colour, pattern.title, style.name],
    [pattern.title, fabric.name, style.name, `in ${colour}`],
    [colour, pattern.title, style.name, detail],
    [colour, fabric.name, style.name],
  ];
  const several = [
    [pattern.title, fabric.name, style.name],
    [pattern.title, style.name, detail],
    [fabric.name, style.name, detail],
  ];
  const words = deal(colours.length === 1 ? single : several, turn, `${range.category}.name`, seed);
  return [brand, range.audience, ...words].filter((word) => word !== '').join(' ');
}

type Topic = 'cut' | 'fabric' | 'pattern' | 'wear';

// Two to four sentences; no order is the rule, or a page of descriptions reads like a form.
const outlines: readonly (readonly Topic[])[] = [
  ['cut', 'fabric', 'wear'],
  ['pattern', 'cut', 'wear'],
  ['fabric', 'pattern'],
  ['wear', 'cut', 'fabric'],
  ['pattern', 'fabric', 'cut', 'wear'],
  ['fabric', 'wear'],
  ['cut', 'pattern', 'wear'],
  ['fabric', 'pattern', 'wear'],
  ['cut', 'wear', 'fabric'],
  ['pattern', 'wear'],
  ['fabric', 'cut', 'pattern'],
  ['wear', 'pattern', 'cut'],
];

export function descriptionOf({ range, style, fabric, pattern, colours }: Subject, turn: number, seed: number): string {
  const several = colours.length > 1;
  const pools: Record<Topic, readonly string[]> = {
    cut: range.cut,
    wear: range.wear,
    fabric: fabric.lines,
    pattern: several ? pattern.lines.filter((line) => !line.includes('{colour}')) : pattern.lines,
  };
  return deal(outlines, turn, `${range.category}.outline`, seed)
    .map((topic) => deal(pools[topic], turn, `${range.category}.${topic}.${topic === 'fabric' ? fabric.name : pattern.name}`, seed))
    .join(' ')
    .replaceAll('{piece}', lowered(style.name))
    .replaceAll('{colour}', colours[0]?.name.toLowerCase() ?? '');
}
