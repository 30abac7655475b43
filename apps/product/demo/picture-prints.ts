import { brightness, type Colour, shade } from './colours.ts';
import type { Print } from './picture-name.ts';

/** A mango with a curled tip, drawn upwards from its foot. */
const mango = 'c-12 0-17-11-12-20c4-7 10-9 13-16c2-6 10-8 14-3c-5-1-8 2-6 7c4 9 6 17 3 24c-2 5-7 8-12 8z';
const leaf = 'q7-6 14 0q-7 6-14 0z';

interface Tile {
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

/** Five petals around a heart, drawn once in 20 by 20 and then set down at each `[x, y, scale]`. */
const flowers = (petals: string, heart: string, ...places: readonly (readonly [number, number, number])[]): string => {
  const [first, ...others] = places.map(([x, y, scale]) => `transform="translate(${x} ${y})${scale === 1 ? '' : `scale(${scale})`}"`);
  const round = '<path d="M0-8h.1M7.6-2.5h.1M4.7 6.5h.1M-4.7 6.5h.1M-7.6-2.5h.1"';
  return (
    `<g ${first}><g id="q">${round} stroke="${petals}" stroke-width="11.5"/><circle r="4.6" fill="${heart}"/></g></g>` +
    others.map((place) => `<use href="#q" ${place}/>`).join('')
  );
};

/** One motif set down at two places, drawn once. */
const twice = (motif: string, first: string, second: string): string =>
  `<g transform="${first}"><g id="q">${motif}</g></g><use href="#q" transform="${second}"/>`;

/** The weave under every print: without it flat colour looks like paper. */
const weave = '<path d="M0 .5h4M.5 0v4" stroke="#000" opacity=".05"/><path d="M2 2.5h4" stroke="#fff" opacity=".07"/>';

function tile(print: Print, { hex, accent }: Colour): Tile {
  const light = shade(hex, brightness(hex) > 0.7 ? -0.16 : 0.34);
  const deep = shade(hex, -0.3);
  switch (print) {
    case 'block-print': {
      const buti = `<path d="M-1 13v-7" stroke="${accent}" stroke-width="1.6"/><path d="M0-14q8 9 0 18q-8-9 0-18zM-2 7q-9 0-11-8q9 0 11 8zM2 7q9 0 11-8q-9 0-11 8z" fill="${accent}"/><circle cy="-4" r="2.2" fill="${hex}"/>`;
      return { width: 46, height: 56, content: twice(buti, 'translate(12 18)', 'translate(35 46)') };
    }
    case 'floral': {
      const stems = `<path d="M18 30q4 18 22 20M52 66q-10 14-30 10" fill="none" stroke="${deep}" stroke-width="1.6"/>`;
      const leaves = `<path d="M24 44${leaf}M34 78${leaf}M56 34${leaf}M6 62${leaf}" fill="${shade(accent, -0.18)}" opacity=".85"/>`;
      return { width: 76, height: 92, content: stems + leaves + flowers(accent, light, [18, 22, 1], [54, 62, 1.12], [62, 14, 0.5]) };
    }
    case 'stripes':
      return {
        width: 26,
        height: 26,
        content: `<path d="M5 0v26M10 0v26" stroke="${accent}" stroke-width="2.4" opacity=".85"/><path d="M19 0v26" stroke="${light}" stroke-width="1" opacity=".7"/>`,
      };
    case 'checks':
      return {
        width: 48,
        height: 48,
        content: `<path d="M0 12h48M12 0v48" stroke="${accent}" stroke-width="13" opacity=".34"/><path d="M0 34h48M34 0v48" stroke="${light}" stroke-width="2" opacity=".8"/><path d="M0 24h48M24 0v48" stroke="${deep}" stroke-width="1.4" opacity=".6"/>`,
      };
    case 'paisley': {
      const one = `<path d="M0 0${mango}" fill="${accent}"/><path transform="translate(-1 -4)scale(.58)" d="M0 0${mango}" fill="${hex}"/><circle cx="-3" cy="-12" r="2.6" fill="${accent}"/>`;
      return { width: 56, height: 66, content: twice(one, 'translate(16 40)', 'matrix(-1 0 0 1 41 64)') };
    }
    case 'ikat': {
      const rung = 'M25 4l4 7 5-3 1 9 8 3-6 6 6 7-9 2-1 8-5-4-3 8-3-8-5 4-1-8-9-2 6-7-6-6 8-3 1-9 5 3z';
      return {
        width: 50,
        height: 56,
        content: `<path d="${rung}" fill="${accent}" opacity=".9"/><path d="M25 14l5 6 6 6-6 6-5 7-5-7-6-6 6-6z" fill="${hex}"/><path d="M25 21l4 6-4 6-4-6z" fill="${light}"/><path d="M0 46l3 4 3-3 2 7-2-2-6 4zM50 46l-3 4-3-3-2 7 2-2 6 4z" fill="${light}"/>`,
      };
    }
    case 'bandhani': {
      const knots = 'M10 10h.1M18 10h.1M10 18h.1M18 18h.1M37 36h.1M45 36h.1M41 29h.1M41 43h.1M14 40h.1M40 12h.1';
      const dots = (stroke: string, width: number): string => `<path d="${knots}" stroke="${stroke}" stroke-width="${width}"/>`;
      return { width: 54, height: 54, content: dots(accent, 5.6) + dots(deep, 1.9) };
    }
    case 'leheriya':
      return {
        width: 60,
        height: 44,
        content: ['0', '11', '25']
          .map(
            (y, index) =>
              `<path d="M-2 ${y}l32 18 32-18M-2 ${Number(y) + 44}l32 18 32-18M-2 ${Number(y) - 44}l32 18 32-18" fill="none" stroke="${index === 1 ? light : accent}" stroke-width="${index === 2 ? 6 : 3}" opacity=".9"/>`,
          )
          .join(''),
      };
    case 'embroidered': {
      const buti = `<path d="M0 0${mango}" fill="none" stroke="${accent}" stroke-width="1.8"/><circle cy="-11" r="3.4" fill="${accent}"/><path d="M-15-30h.1M-10-38h.1M-17-20h.1" stroke="${accent}" stroke-width="3"/>`;
      return {
        width: 78,
        height: 84,
        content: twice(buti, 'translate(24 44)', 'matrix(-1 0 0 1 58 82)'),
      };
    }
    case 'chikankari': {
      const thread = brightness(hex) > 0.75 ? shade(hex, -0.2) : '#FFF8EC';
      return {
        width: 68,
        height: 80,
        content: `<g opacity=".85">${flowers(thread, hex, [18, 20, 0.75], [50, 60, 0.75])}</g><path d="M18 30q2 14 14 18M50 52q4-16-6-28" fill="none" stroke="${thread}" stroke-width="1.4" stroke-dasharray="3 2"/><path d="M28 40${leaf}M40 32${leaf}M4 58${leaf}" fill="none" stroke="${thread}" stroke-width="1.3"/>`,
      };
    }
    case 'brocade':
      return {
        width: 40,
        height: 48,
        content: `<path d="M20 0q20 12 20 24q0 12-20 24Q0 36 0 24Q0 12 20 0z" fill="none" stroke="${accent}" stroke-width="1.5" opacity=".8"/><path d="M20 12q9 7 0 19q-9-12 0-19zM18 33q-9-2-10-9q8 1 10 9zM22 33q9-2 10-9q-8 1-10 9z" fill="${accent}" opacity=".92"/><circle cy="1" r="3" fill="${accent}"/><circle cx="40" cy="1" r="3" fill="${accent}"/>`,
      };
    case 'polka':
      return {
        width: 34,
        height: 34,
        content: `<circle cx="8" cy="8" r="4" fill="${accent}"/><circle cx="25" cy="25" r="4" fill="${accent}"/>`,
      };
    case 'mirror-work': {
      const mirror = `<circle r="10" fill="none" stroke="${accent}" stroke-width="3.4" stroke-dasharray="3 2"/><circle r="6" fill="#DCE4E8"/><path d="M-4 0l6-5" stroke="#fff" stroke-width="2"/>`;
      return {
        width: 58,
        height: 62,
        content:
          twice(mirror, 'translate(15 15)', 'translate(44 46)') +
          `<path d="M40 15h8M44 11v8M11 46h8M15 42v8" stroke="${accent}" stroke-width="2"/>`,
      };
    }
    case 'washed':
      return { width: 6, height: 6, content: `<path d="M-1 7L7-1M-1 4L4-1M2 7l5-5" stroke="${light}" stroke-width=".8" opacity=".5"/>` };
    default:
      return { width: 6, height: 6, content: '' };
  }
}

/** The fill `#p` of the picture: weave, then the print in the colour's accent. `scale` 1 suits a grown-up's garment. */
export function printFill(print: Print, colour: Colour, scale: number): string {
  if (print === 'ombre') {
    const stop = `stop-color="${colour.accent}"`;
    return `<linearGradient id="p" gradientUnits="userSpaceOnUse" x1="0" y1="240" x2="0" y2="740"><stop ${stop} stop-opacity="0"/><stop offset="1" ${stop} stop-opacity=".9"/></linearGradient>`;
  }
  const { width, height, content } = tile(print, colour);
  // The weave sits in each tile once, as a fill of its own would cost another layer over the whole garment.
  const ground = width > 6 ? `<path fill="url(#w)" d="M0 0h${width}v${height}H0z"/>` : weave;
  return (
    `<pattern id="w" width="4" height="4" patternUnits="userSpaceOnUse">${weave}</pattern>` +
    `<pattern id="p" stroke-linecap="round" width="${width}" height="${height}" patternUnits="userSpaceOnUse"${scale === 1 ? '' : ` patternTransform="scale(${scale})"`}>${ground}${content}</pattern>`
  );
}
