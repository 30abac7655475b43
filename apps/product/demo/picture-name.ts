import { type Colour, colourBySlug } from './colours.ts';

/**
 * `<garment>.<colour>.<print>.<number>.<view>`, as in `kurta.indigo.block-print.1234.front`. The name says everything about the picture, so
 * that nothing has to be stored: the number's remainder by 64 is the cut (shape, neckline and sleeve), the rest of it varies the drawing.
 */
export const garments = [
  'kurta',
  'anarkali',
  'saree',
  'lehenga',
  'palazzo',
  'dupatta',
  'dress',
  'top',
  'jeans',
  'jutti',
  'kolhapuri',
  'jhumka',
  'necklace',
  'bangles',
  'tote',
  'potli',
  'mens-kurta',
  'sherwani',
  'nehru-jacket',
  'shirt',
  'tee',
  'kids-kurta',
  'kids-lehenga',
  'frock',
  'kids-tee',
] as const;
export type Garment = (typeof garments)[number];

export const prints = [
  'plain',
  'block-print',
  'floral',
  'stripes',
  'checks',
  'paisley',
  'ikat',
  'bandhani',
  'leheriya',
  'embroidered',
  'chikankari',
  'brocade',
  'polka',
  'mirror-work',
  'ombre',
  'washed',
  'kundan',
  'oxidised',
  'meenakari',
  'pearl',
] as const;
export type Print = (typeof prints)[number];

export const views = ['front', 'back', 'detail'] as const;
export type View = (typeof views)[number];

export const necklines = ['round', 'v', 'band', 'boat'] as const;
export type Neckline = (typeof necklines)[number];
export const sleeves = ['sleeveless', 'short', 'three-quarter', 'full'] as const;
export type Sleeve = (typeof sleeves)[number];

/** How many shapes a garment can have; what each one means is the drawing's affair (a straight or an A-line kurta, say). */
export const SHAPES = 4;

export interface Cut {
  /** 0..SHAPES - 1. */
  readonly shape: number;
  readonly neckline: Neckline;
  readonly sleeve: Sleeve;
}

export interface Picture {
  readonly garment: Garment;
  readonly colour: Colour;
  readonly print: Print;
  readonly serial: number;
  readonly view: View;
  readonly cut: Cut;
}

/** Longer names are refused unread. */
export const MAX_PICTURE_NAME_LENGTH = 120;

const cuts = SHAPES * necklines.length * sleeves.length;
const grammar = /^([a-z-]+)\.([a-z-]+)\.([a-z-]+)\.(0|[1-9][0-9]{0,8})\.([a-z]+)$/;

/** `serial` tells products apart and may be 0..15,624,999; the name's number is then at most nine digits. */
export function pictureName(garment: Garment, colour: Colour, print: Print, serial: number, cut: Cut, view: View): string {
  const number =
    serial * cuts + (cut.shape * necklines.length + necklines.indexOf(cut.neckline)) * sleeves.length + sleeves.indexOf(cut.sleeve);
  return `${garment}.${colour.slug}.${print}.${number}.${view}`;
}

/** Null for whatever the grammar or the vocabulary does not know. */
export function parsePictureName(name: string): Picture | null {
  if (name.length > MAX_PICTURE_NAME_LENGTH) return null;
  const parts = grammar.exec(name);
  if (!parts) return null;
  const garment = garments.find((known) => known === parts[1]);
  const colour = colourBySlug(parts[2] ?? '');
  const print = prints.find((known) => known === parts[3]);
  const number = Number(parts[4]);
  const view = views.find((known) => known === parts[5]);
  if (!garment || !colour || !print || !view) return null;
  const neckline = necklines[Math.floor(number / sleeves.length) % necklines.length];
  const sleeve = sleeves[number % sleeves.length];
  const shape = Math.floor(number / (necklines.length * sleeves.length)) % SHAPES;
  if (!neckline || !sleeve) return null;
  return { garment, colour, print, view, serial: Math.floor(number / cuts), cut: { shape, neckline, sleeve } };
}
