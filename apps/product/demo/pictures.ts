import { brightness, shade } from './colours.ts';
import { bangles, jhumka, jutti, kolhapuri, necklace, potli, tote } from './picture-accessories.ts';
import { Canvas } from './picture-canvas.ts';
import { dupatta, kidsLehenga, lehenga, saree } from './picture-drapes.ts';
import { anarkali, kidsKurta, kurta, mensKurta, nehruJacket, sherwani } from './picture-ethnic.ts';
import { dress, frock, jeans, kidsTee, palazzo, shirt, tee, top } from './picture-everyday.ts';
import { type Garment, type Picture, parsePictureName } from './picture-name.ts';
import { printFill } from './picture-prints.ts';

interface Drawing {
  readonly draw: (canvas: Canvas) => string;
  /** How large the print repeats; 1 unless given. */
  readonly repeat?: number;
  /** Stands or lies on the floor instead of hanging before the wall: where its contact shadow is, and how wide. */
  readonly ground?: readonly [y: number, width: number];
  /** Left, top and width of the close-up, three by four like the whole. */
  readonly closeUp: readonly [x: number, y: number, width: number];
}

const drawings: Record<Garment, Drawing> = {
  kurta: { draw: kurta, closeUp: [158, 66, 285] },
  anarkali: { draw: anarkali, closeUp: [160, 80, 280] },
  saree: { draw: saree, closeUp: [180, 110, 270] },
  lehenga: { draw: lehenga, repeat: 1.1, closeUp: [120, 430, 270] },
  palazzo: { draw: palazzo, closeUp: [180, 90, 270] },
  dupatta: { draw: dupatta, closeUp: [112, 330, 270] },
  dress: { draw: dress, closeUp: [160, 90, 280] },
  top: { draw: top, repeat: 0.9, closeUp: [165, 120, 270] },
  jeans: { draw: jeans, repeat: 0.8, closeUp: [170, 62, 265] },
  jutti: { draw: jutti, repeat: 0.5, closeUp: [20, 110, 280] },
  kolhapuri: { draw: kolhapuri, repeat: 0.5, closeUp: [20, 120, 280] },
  jhumka: { draw: jhumka, closeUp: [20, 200, 285] },
  necklace: { draw: necklace, closeUp: [160, 210, 280] },
  bangles: { draw: bangles, closeUp: [110, 350, 270] },
  tote: { draw: tote, repeat: 1.2, ground: [686, 210], closeUp: [150, 300, 280] },
  potli: { draw: potli, repeat: 0.9, ground: [690, 150], closeUp: [165, 210, 280] },
  'mens-kurta': { draw: mensKurta, closeUp: [160, 62, 285] },
  sherwani: { draw: sherwani, closeUp: [160, 60, 285] },
  'nehru-jacket': { draw: nehruJacket, repeat: 0.9, closeUp: [165, 80, 275] },
  shirt: { draw: shirt, repeat: 0.9, closeUp: [160, 94, 280] },
  tee: { draw: tee, closeUp: [160, 96, 280] },
  'kids-kurta': { draw: kidsKurta, repeat: 0.85, closeUp: [165, 120, 270] },
  'kids-lehenga': { draw: kidsLehenga, repeat: 0.9, closeUp: [165, 390, 270] },
  frock: { draw: frock, repeat: 0.9, closeUp: [165, 140, 270] },
  'kids-tee': { draw: kidsTee, repeat: 0.9, closeUp: [165, 150, 270] },
};

type Studio = readonly [wall: string, floor: string];

/** Wall and floor of the studio; pale garments get the deeper ones, or they would vanish. */
const studios: readonly [Studio, ...Studio[]] = [
  ['#F7F2EA', '#E9DDCD'],
  ['#F6EDE8', '#E6D2CA'],
  ['#EFF2EB', '#D6DED0'],
  ['#EFF2F5', '#D5DDE4'],
  ['#F5EDDF', '#E3D0B4'],
  ['#F3F0F4', '#DDD5E1'],
  ['#F1F0EE', '#DAD7D2'],
];
const deepStudios: readonly [Studio, ...Studio[]] = [
  ['#CDBBA4', '#AE977B'],
  ['#B9C0AE', '#98A28D'],
  ['#B4BDC7', '#929EAB'],
  ['#CBA99C', '#AC877A'],
];

function studio(canvas: Canvas): string {
  const [wall, floor] = brightness(canvas.base) > 0.8 ? canvas.pick(...deepStudios) : canvas.pick(...studios);
  const niche = canvas.pick(true, false, false)
    ? `<path d="M90 800V330c0-140 100-180 210-260c110 80 210 120 210 260v470z" fill="${shade(wall, -0.05)}" stroke="${shade(floor, -0.05)}"/>`
    : '';
  return (
    `<radialGradient id="g" cx=".36" cy=".28" r=".95"><stop stop-color="${wall}"/><stop offset="1" stop-color="${floor}"/></radialGradient>` +
    '<linearGradient id="f" x2="0" y2="1"><stop stop-opacity=".1"/><stop offset="1" stop-opacity="0"/></linearGradient>' +
    `<path fill="url(#g)" d="M0 0h600v800H0z"/>${niche}<path fill="url(#f)" d="M0 672h600v128H0z"/>`
  );
}

// The key light stands on the left, so the right edge falls deeper into shadow.
const light =
  '<linearGradient id="l"><stop stop-opacity=".3"/><stop offset=".2" stop-opacity=".05"/><stop offset=".34" stop-color="#fff" stop-opacity=".2"/><stop offset=".62" stop-opacity=".02"/><stop offset="1" stop-opacity=".4"/></linearGradient>' +
  '<filter id="b" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="5"/></filter>' +
  '<filter id="s" x="-20%" width="140%"><feDropShadow dx="10" dy="16" stdDeviation="14" flood-color="#3A2A1C" flood-opacity=".34"/></filter>';

function render(picture: Picture): string {
  const { draw, repeat = 1, ground, closeUp } = drawings[picture.garment];
  const canvas = new Canvas(picture);
  const scene = studio(canvas);
  const [x, y, width] = closeUp;
  const box = picture.view === 'detail' ? `${x} ${y} ${width} ${Math.round((width * 4) / 3)}` : '0 0 600 800';
  const contact = ground
    ? `<ellipse cx="306" cy="${ground[0]}" rx="${ground[1]}" ry="16" fill="#2A1D12" opacity=".4" filter="url(#b)"/>`
    : '';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800" viewBox="${box}"><defs>${light}${printFill(picture.print, picture.colour, repeat)}</defs>` +
    `${scene}${contact}<g filter="url(#s)" stroke-linejoin="round" stroke-linecap="round">${draw(canvas)}</g></svg>`
  );
}

/**
 * The SVG of a picture of the demo catalogue, drawn from its name alone (grammar: picture-name.ts), so that pictures cost neither storage nor
 * start time: 3:4, below 6 KB, the same text for the same name, without words, scripts or outside references. Null for any other name.
 */
export function drawPicture(name: string): string | null {
  const picture = parsePictureName(name);
  return picture && render(picture);
}
