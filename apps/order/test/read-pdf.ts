import { inflateSync } from 'node:zlib';

/** What can be read in a PDF as pdfkit writes it. */
export interface ReadPdf {
  readonly pages: number;
  /** All pieces of text, one after the other. */
  readonly text: string;
  /** Points. */
  readonly largestLetters: number;
}

export function readPdf(pdf: Buffer): ReadPdf {
  const source = pdf.toString('latin1');
  const objects = new Map([...source.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map((found) => [found[1], found[2] ?? '']));
  const streamOf = (object: string): string => {
    const packed = /stream\n([\s\S]*?)\nendstream/.exec(object)?.[1];
    return packed === undefined ? '' : inflateSync(Buffer.from(packed, 'latin1')).toString('latin1');
  };
  const fonts = new Map<string, ReadonlyMap<number, string>>();
  for (const [, name = '', reference] of source.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(reference) ?? '')?.[1];
    if (!fonts.has(name)) fonts.set(name, lettersOf(streamOf(objects.get(unicode) ?? '')));
  }
  let text = '';
  let largestLetters = 0;
  const pages = [...source.matchAll(/\/Type \/Page\n[\s\S]*?\/Contents (\d+) 0 R/g)];
  for (const [, contents] of pages) {
    for (const [, name = '', size, pieces = ''] of streamOf(objects.get(contents) ?? '').matchAll(/\/(F\d+) ([\d.]+) Tf\n\[(.*?)\] TJ/g)) {
      largestLetters = Math.max(largestLetters, Number(size));
      for (const [glyph] of pieces.replaceAll(/>[^<]*</g, '').matchAll(/[\da-f]{4}/g))
        text += fonts.get(name)?.get(Number.parseInt(glyph, 16)) ?? '\ufffd';
      text += '\n';
    }
  }
  return { pages: pages.length, text, largestLetters };
}

/** Glyph numbers to letters. */
function lettersOf(map: string): Map<number, string> {
  const letters = new Map<number, string>();
  for (const [, first = '', all = ''] of map.matchAll(/<([\da-f]{4})> <[\da-f]{4}> \[(.*?)\]/g)) {
    for (const [index, [, units = '']] of [...all.matchAll(/<([\da-f ]*)>/g)].entries())
      letters.set(Number.parseInt(first, 16) + index, Buffer.from(units.replaceAll(' ', ''), 'hex').swap16().toString('utf16le'));
  }
  return letters;
}
