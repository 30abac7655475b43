import { brightness, type Colour, shade } from './colours.ts';
import { mix, stream } from './deal.ts';
import type { Cut, Picture } from './picture-name.ts';

/** The sheet is 600 wide and 800 high; garments hang around its middle line. */
export const MIDDLE = 300;

export type Point = readonly [dx: number, y: number];
/** A line to a point, or a cubic curve: two handles, then the point. */
export type Segment = Point | readonly [number, number, number, number, number, number];

const round = (value: number): number => Math.round(value);

/** Numbers as path text has them: a minus sign separates as well as a space does. */
const steps = (numbers: readonly number[]): string =>
  numbers.map((number, index) => (index > 0 && number >= 0 ? ` ${number}` : `${number}`)).join('');

/** A closed path, the same on both sides of the middle line: `start` and `segments` run down its right half, x counted from the middle. */
export function symmetric(start: Point, ...segments: readonly Segment[]): string {
  const right = segments.map((segment) => segment.map(round));
  const ends = [start.map(round), ...right.map((segment) => segment.slice(-2))];
  const left: number[][] = [];
  for (let index = right.length - 1; index >= 0; index--) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = right[index] ?? [];
    const [x = 0, y = 0] = ends[index] ?? [];
    left.push(right[index]?.length === 2 ? [-x, y] : [-bx, by, -ax, ay, -x, y]);
  }
  const [lastX = 0, lastY = 0] = ends[right.length] ?? [];
  let [x = 0, y = 0] = ends[0] ?? [];
  let path = `M${MIDDLE + x} ${y}`;
  // Relative steps are shorter than places, and every byte is sent with each picture.
  for (const segment of [...right, ...(lastX === 0 ? [] : [[-lastX, lastY]]), ...left]) {
    path += (segment.length === 2 ? 'l' : 'c') + steps(segment.map((number, index) => number - (index % 2 ? y : x)));
    x = segment[segment.length - 2] ?? x;
    y = segment[segment.length - 1] ?? y;
  }
  return `${path}z`;
}

interface ClothOptions {
  /** Defaults to the picture's colour. */
  readonly fill?: string;
  /** The picture's print on top; default true. */
  readonly printed?: boolean;
  /** Drawn inside the outline, under the light: borders, folds, pleats. */
  readonly inside?: string;
  /** How strongly the edges fall into shadow, 0..1; default 1. */
  readonly depth?: number;
}

/** What the drawings of one picture share. */
export class Canvas {
  readonly picture: Picture;
  readonly colour: Colour;
  readonly cut: Cut;
  readonly back: boolean;
  /** The picture's own stream in 0..1. */
  readonly random: () => number;
  private pieces = 0;

  constructor(picture: Picture) {
    this.picture = picture;
    this.colour = picture.colour;
    this.cut = picture.cut;
    this.back = picture.view === 'back';
    // Front, back and detail show the same piece, so the view takes no part in its seed.
    this.random = stream(mix(picture.garment, picture.serial));
  }

  get base(): string {
    return this.colour.hex;
  }
  get accent(): string {
    return this.colour.accent;
  }
  get dark(): string {
    return shade(this.base, -0.42);
  }
  /** Seams must show on black cloth as well as on white. */
  get seam(): string {
    return brightness(this.base) < 0.22 ? shade(this.base, 0.3) : shade(this.base, -0.38);
  }

  pick<Element>(...choices: readonly [Element, ...Element[]]): Element {
    return choices[Math.floor(this.random() * choices.length)] ?? choices[0];
  }

  /** One of the garment's shapes, as the picture's name says. */
  shape<Element>(...choices: readonly [Element, ...Element[]]): Element {
    return choices[this.cut.shape % choices.length] ?? choices[0];
  }

  /** A piece of cloth: colour, print, what lies inside the outline, and light over all. */
  cloth(path: string, { fill = this.base, printed = true, inside = '', depth = 1 }: ClothOptions = {}): string {
    const id = this.name();
    const use = (paint: string): string => `<use href="#${id}" fill="url(#${paint})"`;
    return (
      `<g fill="${fill}"><path id="${id}" d="${path}"/></g>${printed ? `${use('p')}/>` : ''}` +
      (inside ? `<clipPath id="${id}k"><use href="#${id}"/></clipPath><g clip-path="url(#${id}k)">${inside}</g>` : '') +
      `${use('l')}${depth === 1 ? '' : ` opacity="${depth}"`}/>`
    );
  }

  /** Soft shadows with a lit edge beside them, and where the cloth is pleated or pieced also a sharp `crease`. Each fold is a path of its own. */
  folds(width: number, paths: readonly string[], crease = 0): string {
    const id = this.name();
    const use = `<use href="#${id}" stroke="`;
    const lit = round(9 + 14 * brightness(this.base));
    return (
      `<g fill="none" filter="url(#b)" stroke-width="${width}"><path id="${id}" d="${paths.join('')}"/>` +
      `${use}#000" opacity=".26"/>${use}#fff" opacity=".${lit < 10 ? '0' : ''}${lit}" x="${-width}"/></g>` +
      (crease ? `<g fill="none">${use}${this.seam}" stroke-width="${crease}" opacity=".6" x="${round(width * 0.6)}"/></g>` : '')
    );
  }

  line(path: string, stroke = this.seam, width = 1.6, more = ''): string {
    return `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}"${more}/>`;
  }

  /** A zari border along a path: a broad band, darker within, and stitched dots (the picture's round line ends make them). */
  border(path: string, width: number, colour = this.accent): string {
    const id = this.name();
    const stitch = shade(colour, brightness(colour) > 0.5 ? -0.34 : 0.38);
    const use = `<use href="#${id}" stroke="`;
    return (
      `<g fill="none"><path id="${id}" d="${path}"/>${use}${colour}" stroke-width="${width}"/>` +
      (width > 24 ? `${use}${shade(colour, -0.16)}" stroke-width="${round(width * 0.66)}"/>` : '') +
      `${use}${stitch}" stroke-width="${round(Math.min(9, width * 0.36))}" stroke-dasharray="0 ${round(Math.min(14, Math.max(5, width * 0.5)))}"/></g>`
    );
  }

  /** Draws once more on the left what was drawn on the right. */
  mirrored(content: string): string {
    const id = this.name();
    return `<g id="${id}">${content}</g><use href="#${id}" transform="matrix(-1 0 0 1 ${2 * MIDDLE} 0)"/>`;
  }

  /** Ids live within one picture: A, B, … and beyond Z two letters. */
  private name(): string {
    const order = this.pieces++;
    return (order < 26 ? '' : 'Z') + String.fromCharCode(65 + (order % 26));
  }

  buttons(x: number, from: number, to: number, count: number, fill: string, radius = 5): string {
    let drawn = '';
    for (let index = 0; index < count; index++) {
      const y = round(from + ((to - from) * index) / Math.max(1, count - 1));
      drawn += `<circle cx="${x}" cy="${y}" r="${radius}"/>`;
    }
    return `<g fill="${fill}" stroke="#0005">${drawn}</g>`;
  }

  /** The linen bust that drapes and flared pieces are shown on. */
  form(shoulder = 150): string {
    const torso = symmetric(
      [0, 62],
      [30, 62, 33, 66, 33, 74],
      [31, 118, 36, shoulder - 18, 66, shoulder - 8],
      [108, shoulder, 116, shoulder + 14, 112, shoulder + 40],
      [92, 280, 84, 310, 80, 380],
    );
    return (
      this.cloth(torso, { fill: '#E9DDCB', printed: false, depth: 0.7 }) +
      '<path d="M268 66q32 12 64 0v4q-32 12-64 0z" fill="#6B4B31"/><path d="M294 58V46a6 6 0 0 1 12 0v12a32 8 0 1 1-12 0z" fill="#8A6544"/>'
    );
  }
}
