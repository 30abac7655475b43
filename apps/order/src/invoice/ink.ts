import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { tolerateMissingAnchors } from './mark-anchors.ts';
import { unpacked } from './woff.ts';

const WEIGHTS = { regular: 400, bold: 700 } as const;
export type Weight = keyof typeof WEIGHTS;
export interface Style {
  /** Points. */
  readonly size: number;
  readonly weight?: Weight;
  readonly colour?: string;
}

/** A piece of text in one font. */
interface Run {
  readonly text: string;
  readonly font: Font;
}

/** Noto Sans comes in files of a script each; the sign of the rupee is in the second. A file is read when a text needs it. */
const FILES = {
  latin: '@fontsource/noto-sans/files/noto-sans-latin',
  extended: '@fontsource/noto-sans/files/noto-sans-latin-ext',
  devanagari: '@fontsource/noto-sans-devanagari/files/noto-sans-devanagari-devanagari',
  bengali: '@fontsource/noto-sans-bengali/files/noto-sans-bengali-bengali',
  gujarati: '@fontsource/noto-sans-gujarati/files/noto-sans-gujarati-gujarati',
  gurmukhi: '@fontsource/noto-sans-gurmukhi/files/noto-sans-gurmukhi-gurmukhi',
  kannada: '@fontsource/noto-sans-kannada/files/noto-sans-kannada-kannada',
  malayalam: '@fontsource/noto-sans-malayalam/files/noto-sans-malayalam-malayalam',
  odia: '@fontsource/noto-sans-oriya/files/noto-sans-oriya-oriya',
  tamil: '@fontsource/noto-sans-tamil/files/noto-sans-tamil-tamil',
  telugu: '@fontsource/noto-sans-telugu/files/noto-sans-telugu-telugu',
} as const;
type Script = keyof typeof FILES;
type Font = `${Script} ${Weight}`;

/** The scripts of India; each has letters of its own. */
const INDIAN = [
  ['devanagari', /\p{Script=Devanagari}/u],
  ['bengali', /\p{Script=Bengali}/u],
  ['gujarati', /\p{Script=Gujarati}/u],
  ['gurmukhi', /\p{Script=Gurmukhi}/u],
  ['kannada', /\p{Script=Kannada}/u],
  ['malayalam', /\p{Script=Malayalam}/u],
  ['odia', /\p{Script=Oriya}/u],
  ['tamil', /\p{Script=Tamil}/u],
  ['telugu', /\p{Script=Telugu}/u],
] as const satisfies readonly (readonly [Script, RegExp])[];
/** Full stops that these scripts share. */
const DANDAS = /[\u0964\u0965]/u;
/** Joiners belong to the letters around them, or a conjunct falls apart. */
const JOINERS = /[\u200c\u200d]/u;
/** What the file for Latin covers. */
const LATIN = /[ -\u00ff\u0131\u0152\u0153\u02bb\u02bc\u02c6\u02da\u02dc\u2000-\u206f\u20ac\u2122\u2191\u2193\u2212\u2215]/u;

const GRAPHEMES = new Intl.Segmenter('en-IN', { granularity: 'grapheme' });
const LINE_HEIGHT = 1.36;
const ASCENT = 1.0;

const read = (() => {
  const { resolve } = createRequire(import.meta.url);
  const known = new Map<string, Buffer>();
  return (file: string): Buffer => {
    const bytes = known.get(file) ?? unpacked(readFileSync(resolve(file)));
    known.set(file, bytes);
    return bytes;
  };
})();

/** Writes text of mixed scripts on a page: pdfkit has one font at a time, and its own line breaking knows one only. */
export class Ink {
  readonly doc: PDFKit.PDFDocument;
  private readonly widths = new Map<string, number>();
  private readonly registered = new Set<Font>();

  constructor(options: PDFKit.PDFDocumentOptions) {
    this.doc = new PDFDocument(options);
  }

  /** Points from one line to the next. */
  lineHeight({ size }: Style): number {
    return size * LINE_HEIGHT;
  }

  width(text: string, style: Style): number {
    return runsOf(text, style.weight).reduce((sum, run) => sum + this.widthOf(run, style.size), 0);
  }

  /** The text in lines of at most `width` points; words that are longer are cut between letters. Each word is measured once: shaping is what costs. */
  wrap(text: string, width: number, style: Style): string[] {
    const space = this.width(' ', style);
    const lines: string[] = [];
    let line = '';
    let used = 0;
    const add = (piece: string, before: string, gap: number): void => {
      const wide = this.width(piece, style);
      if (line !== '' && used + gap + wide > width) {
        lines.push(line);
        line = '';
      }
      used = line === '' ? wide : used + gap + wide;
      line = line === '' ? piece : line + before + piece;
    };
    for (const word of text.normalize('NFC').split(/\s+/u)) {
      if (word === '') continue;
      if (this.width(word, style) <= width) add(word, ' ', space);
      else {
        if (line !== '') lines.push(line);
        line = '';
        for (const { segment } of GRAPHEMES.segment(word)) add(segment, '', 0);
      }
    }
    if (line !== '') lines.push(line);
    return lines;
  }

  /** One line whose top is at `y`. Aligned right it ends at `x`. */
  write(text: string, x: number, y: number, style: Style, align: 'left' | 'right' = 'left'): void {
    let left = align === 'left' ? x : x - this.width(text, style);
    this.doc.fillColor(style.colour ?? '#111111');
    for (const run of runsOf(text, style.weight)) {
      // Measuring the run before may have left another size.
      this.use(run.font).fontSize(style.size);
      this.doc.text(run.text, left, y + style.size * ASCENT, { lineBreak: false, baseline: 'alphabetic' });
      left += this.widthOf(run, style.size);
    }
  }

  /** Lines below each other; the `y` under the last. */
  paragraph(text: string, x: number, y: number, width: number, style: Style): number {
    let bottom = y;
    for (const line of this.wrap(text, width, style)) {
      this.write(line, x, bottom, style);
      bottom += this.lineHeight(style);
    }
    return bottom;
  }

  /** As `write` aligned right, smaller where the text is wider than its column. */
  fit(text: string, right: number, y: number, width: number, style: Style): void {
    const size = Math.min(style.size, (style.size * width) / this.width(text, style));
    this.write(text, right, y + (style.size - size) * ASCENT, { ...style, size }, 'right');
  }

  rule(x: number, y: number, width: number, colour = '#bbbbbb'): void {
    this.doc
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineWidth(0.5)
      .strokeColor(colour)
      .stroke();
  }

  band(x: number, y: number, width: number, height: number): void {
    this.doc.rect(x, y, width, height).fill('#f0eeea');
  }

  private use(font: Font): PDFKit.PDFDocument {
    if (!this.registered.has(font)) {
      const [script, weight] = font.split(' ') as [Script, Weight];
      this.doc.registerFont(font, read(`${FILES[script]}-${WEIGHTS[weight]}-normal.woff`));
      this.registered.add(font);
      tolerateMissingAnchors(this.doc.font(font));
    }
    return this.doc.font(font);
  }

  private widthOf({ text, font }: Run, size: number): number {
    const key = `${font} ${text}`;
    let perPoint = this.widths.get(key);
    if (perPoint === undefined) {
      perPoint = this.use(font).fontSize(1_000).widthOfString(text) / 1_000;
      this.widths.set(key, perPoint);
    }
    return perPoint * size;
  }
}

/** The text as runs of one font each; control characters, of which no font has a picture, are spaces. */
function runsOf(text: string, weight: Weight = 'regular'): Run[] {
  const runs: { text: string; script: Script }[] = [];
  for (const character of text.normalize('NFC').replaceAll(/\p{Cc}/gu, ' ')) {
    const last = runs.at(-1);
    const script = scriptOf(character, last?.script);
    if (last?.script === script) last.text += character;
    else runs.push({ text: character, script });
  }
  return runs.map(({ text: piece, script }) => ({ text: piece, font: `${script} ${weight}` as const }));
}

function scriptOf(character: string, before: Script | undefined): Script {
  const own = INDIAN.find(([, letters]) => letters.test(character))?.[0];
  if (own !== undefined) return own;
  const isInIndian = before !== undefined && before !== 'latin' && before !== 'extended';
  if (isInIndian && (JOINERS.test(character) || DANDAS.test(character))) return before;
  if (DANDAS.test(character)) return 'devanagari';
  return LATIN.test(character) ? 'latin' : 'extended';
}
