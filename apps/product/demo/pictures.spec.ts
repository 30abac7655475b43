import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colours } from './colours.ts';
import { garments, MAX_PICTURE_NAME_LENGTH, pictureName, prints, views } from './picture-name.ts';
import { drawPicture } from './pictures.ts';

const EXAMPLE = 'kurta.indigo.block-print.1234.front';

/** Says what keeps a text from being well-formed XML with resolvable inner references and nothing but drawing in it; null when all is well. */
function fault(svg: string): string | null {
  const open: string[] = [];
  const ids = new Set<string>();
  const references: string[] = [];
  let at = 0;
  const tag = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<&]*")*)(\/?)>/y;
  while (at < svg.length) {
    tag.lastIndex = at;
    const match = tag.exec(svg);
    if (!match) return `no tag at ${at}: ${svg.slice(at, at + 60)}`;
    const [whole, closing, name = '', attributes = '', empty] = match;
    at += whole.length;
    if (closing) {
      if (open.pop() !== name) return `</${name}> closes another`;
      continue;
    }
    if (!drawn.has(name)) return `<${name}> has no place in a drawing`;
    if (at > whole.length && open.length === 0) return 'more than one root';
    const seen = new Set<string>();
    for (const [, key = '', value = ''] of attributes.matchAll(/ ([a-zA-Z0-9-]+)="([^"]*)"/g)) {
      if (seen.has(key)) return `${key} twice in <${name}>`;
      seen.add(key);
      if (/NaN|undefined|null|\[object/.test(value)) return `${key}="${value}"`;
      if (key.startsWith('on') || (key !== 'xmlns' && /[a-z]+:/.test(value))) return `${key}="${value}" acts or reaches out`;
      if (key === 'id' && ids.size === ids.add(value).size) return `id ${value} twice`;
      if (key === 'href') references.push(value.replace(/^#/, ''));
      for (const [, id = ''] of value.matchAll(/url\(#([^)]*)\)/g)) references.push(id);
    }
    if (!empty) open.push(name);
  }
  if (open.length > 0) return `<${open.at(-1)}> stays open`;
  const missing = references.find((id) => !ids.has(id));
  return missing === undefined ? null : `#${missing} leads nowhere`;
}
const drawn = new Set(
  'svg defs g path circle ellipse rect use pattern clipPath filter feGaussianBlur feDropShadow linearGradient radialGradient stop'.split(
    ' ',
  ),
);

describe('pictures', () => {
  it('the check for faults sees a broken, an active and a far-reaching drawing', () => {
    expect(fault('<svg><g></svg>')).not.toBeNull();
    expect(fault('<svg><script></script></svg>')).not.toBeNull();
    expect(fault('<svg><path onload="x"/></svg>')).not.toBeNull();
    expect(fault('<svg><use href="https://example.org/a.svg"/></svg>')).not.toBeNull();
    expect(fault('<svg><use href="#a"/></svg>')).not.toBeNull();
    expect(fault('<svg><g id="a"/><use href="#a"/></svg>')).toBeNull();
  });

  it.each(garments)('a %s of any print, cut and view is well-formed, inert, 3:4 and below 6 KB', (garment) => {
    const bright = colours[0];
    for (const [index, print] of prints.entries()) {
      for (const view of views) {
        for (let number = 0; number < 64; number += 7) {
          const colour = colours[(index * 7 + number) % colours.length] ?? bright;
          const name = `${garment}.${colour?.slug}.${print}.${number + 64 * index}.${view}`;
          const svg = drawPicture(name) ?? '';
          expect(fault(svg), name).toBeNull();
          expect(Buffer.byteLength(svg), name).toBeLessThan(6000);
          const [, , width = 0, height = 1] = /viewBox="([^"]+)"/.exec(svg)?.[1]?.split(' ').map(Number) ?? [];
          expect(width / height, name).toBeCloseTo(3 / 4, 2);
        }
      }
    }
  });

  it('the same name gives the same drawing, and each part of it another', () => {
    const drawing = drawPicture(EXAMPLE);
    expect(drawing).toMatch(/^<svg /);
    expect(drawPicture(EXAMPLE)).toBe(drawing);
    for (const other of [
      'shirt.indigo.block-print.1234.front',
      'kurta.rust.block-print.1234.front',
      'kurta.indigo.ikat.1234.front',
      'kurta.indigo.block-print.1250.front',
      'kurta.indigo.block-print.1234.back',
    ]) {
      expect(drawPicture(other), other).toMatch(/^<svg /);
      expect(drawPicture(other), other).not.toBe(drawing);
    }
  });

  it.each([
    '',
    'kurta',
    `${EXAMPLE}.svg`,
    ` ${EXAMPLE}`,
    `${EXAMPLE}\n`,
    'KURTA.indigo.block-print.1234.front',
    'kurta.indigo.block-print.01.front',
    'kurta.indigo.block-print.-1.front',
    'kurta.indigo.block-print.1e3.front',
    'kurta.indigo.block-print.1234567890.front',
    'kurta.indigo.block-print.1234.side',
    'constructor.indigo.block-print.1.front',
    'kurta.__proto__.block-print.1.front',
    'kurta.indigo.toString.1.front',
    '../kurta.indigo.block-print.1.front',
    'kurta.indigo.block-print.1.front"><script>',
    `${EXAMPLE}${'0'.repeat(MAX_PICTURE_NAME_LENGTH)}`,
  ])('%j is no picture', (name) => {
    expect(drawPicture(name)).toBeNull();
  });

  it('no other string is a picture', () => {
    const strange = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.stringMatching(/^[a-z-]{0,12}(\.[a-z0-9_-]{0,12}){0,6}$/),
      // A good name with one thing put in the wrong place.
      fc
        .tuple(fc.nat(EXAMPLE.length), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }))
        .map(([at, extra]) => EXAMPLE.slice(0, at) + extra + EXAMPLE.slice(at)),
      fc
        .tuple(
          fc.constantFrom(...garments, 'valueOf'),
          fc.string(),
          fc.constantFrom(...prints, '<g>'),
          fc.string(),
          fc.constantFrom(...views, 'x'),
        )
        .map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(strange, (name) => {
        const svg = drawPicture(name);
        if (svg === null) return;
        const [garment, colour, print, number, view, ...rest] = name.split('.');
        expect(rest).toEqual([]);
        expect(garments).toContain(garment);
        expect(colours.map(({ slug }) => slug)).toContain(colour);
        expect(prints).toContain(print);
        expect(views).toContain(view);
        expect(number).toBe(String(Number(number)));
        expect(fault(svg)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('every name that the catalogue can write is read back, up to a million products', () => {
    const [colour] = colours;
    if (!colour) throw new Error('an empty palette');
    const name = pictureName('shirt', colour, 'checks', 999_999, { shape: 3, neckline: 'boat', sleeve: 'full' }, 'detail');
    expect(drawPicture(name)).not.toBeNull();
    expect(name.length).toBeLessThanOrEqual(MAX_PICTURE_NAME_LENGTH);
  });
});
