import { brightness, shade } from './colours.ts';
import type { Canvas } from './picture-canvas.ts';

interface Metal {
  readonly face: string;
  readonly edge: string;
  readonly shine: string;
}

const metalOf = (canvas: Canvas): Metal =>
  canvas.picture.print === 'oxidised'
    ? { face: '#A3A7AB', edge: '#4A4C50', shine: '#EEF1F3' }
    : { face: '#D0A349', edge: '#7E5A1C', shine: '#FBEBB5' };

/** Enamel and stones; a piece named after its metal is set with the accent. */
const stoneOf = (canvas: Canvas): string => (canvas.picture.print === 'pearl' ? '#F4EEE2' : canvas.base);

const stone = (x: number, y: number, radius: number, fill: string, metal: Metal): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}" stroke="${metal.edge}" stroke-width="1.4"/><circle cx="${(x - radius * 0.3).toFixed(1)}" cy="${(y - radius * 0.35).toFixed(1)}" r="${(radius * 0.3).toFixed(1)}" fill="#fff" opacity=".7"/>`;

/** A dotted line drawn as beads: round caps on dashes of no length. */
const beads = (path: string, size: number, gap: number, fill: string): string =>
  `<g fill="none" stroke-dasharray="0 ${gap}"><path d="${path}" stroke="${shade(fill, -0.35)}" stroke-width="${size + 2}"/><path d="${path}" stroke="${fill}" stroke-width="${size}"/></g>`;

export function jhumka(canvas: Canvas): string {
  const metal = metalOf(canvas);
  const gem = stoneOf(canvas);
  let petals = '';
  for (let petal = 0; petal < 10; petal++) {
    const angle = (petal * Math.PI) / 5;
    petals += stone(
      Math.round(182 + 38 * Math.cos(angle)),
      Math.round(262 + 38 * Math.sin(angle)),
      11,
      petal % 2 ? metal.shine : gem,
      metal,
    );
  }
  const bell = 'M110 470C112 396 140 356 182 352C224 356 252 396 254 470Q182 496 110 470Z';
  const one =
    `<path d="M182 214v-46q0-22 18-22q14 0 14 16" fill="none" stroke="${metal.edge}" stroke-width="4"/>` +
    `<circle cx="182" cy="262" r="54" fill="${metal.face}" stroke="${metal.edge}" stroke-width="2"/><circle cx="182" cy="262" r="54" fill="url(#l)" opacity=".7"/>${petals}${stone(182, 262, 19, gem, metal)}` +
    `<path d="M182 316v38" stroke="${metal.edge}" stroke-width="5" stroke-dasharray="4 2"/>` +
    `<path d="${bell}" fill="${metal.face}"/><path d="M122 424Q182 446 242 424L247 446Q182 468 117 446Z" fill="${gem}"/>` +
    canvas.line('M126 412Q182 432 238 412M114 458Q182 482 250 458', metal.edge, 2.4) +
    beads('M128 402Q182 420 236 402', 6, 11, metal.shine) +
    beads('M124 436Q182 456 242 435', 7, 17, metal.shine) +
    canvas.line('M182 354q-34 20-42 56M182 354q34 20 42 56M182 354v64', metal.edge, 1.6) +
    `<path d="${bell}" fill="url(#l)"/>` +
    beads('M112 476Q182 500 254 475', 8, 12, metal.shine) +
    beads(
      'M118 490v22M140 496v26M161 500v28M182 501v30M203 500v28M224 496v26M246 490v22',
      11,
      13,
      canvas.picture.print === 'oxidised' ? metal.face : '#F6F0E4',
    );
  return `<g transform="translate(-66 -50) scale(1.22)"><g id="e">${one}</g><use href="#e" x="236" y="30"/></g>`;
}

export function necklace(canvas: Canvas): string {
  const metal = metalOf(canvas);
  const gem = stoneOf(canvas);
  const bust =
    'M240 60Q300 78 360 60C356 150 366 190 420 214C500 246 532 284 540 352C520 470 470 590 440 716Q300 740 160 716C130 590 80 470 60 352C68 284 100 246 180 214C234 190 244 150 240 60Z';
  const drop = `<g id="d"><path d="M0 8C15 26 15 52 0 56C-15 52-15 26 0 8z" fill="${gem}" stroke="${metal.edge}" stroke-width="2"/><path d="M-4 30v14" stroke="#fff" stroke-width="2.4" opacity=".6"/><circle cy="64" r="6.5" fill="#F6F0E4" stroke="${metal.edge}"/>${stone(0, 0, 15, gem, metal)}<circle r="6" fill="${metal.shine}"/></g>`;
  let drops = '';
  for (let index = -4; index <= 4; index++) drops += `<use href="#d" x="${300 + index * 34}" y="${Math.round(438 - index * index * 9)}"/>`;
  const chain = 'M158 268C182 378 240 424 300 428C360 424 418 378 442 268';
  return (
    canvas.cloth(bust, { fill: shade('#5A4A42', canvas.pick(0, -0.3, 0.6)), printed: false, depth: 0.8 }) +
    beads('M226 200C180 220 160 240 158 268M374 200C420 220 440 240 442 268', 10, 13, metal.face) +
    canvas.line(chain, metal.edge, 23) +
    canvas.line(chain, metal.face, 19) +
    beads('M168 252C196 356 246 398 300 402C354 398 404 356 432 252', 10, 13, '#F6F0E4') +
    `<defs>${drop}</defs>` +
    drops
  );
}

export function bangles(canvas: Canvas): string {
  const metal = metalOf(canvas);
  const gem = stoneOf(canvas);
  const count = 9;
  let rings = '';
  for (let index = count - 1; index >= 0; index--) {
    const y = 300 + index * 30;
    const broad = index === 0 || index === count - 1 || index === 4;
    const ring = (fill: string, width: number, more = ''): string =>
      `<use href="#r" y="${y}" stroke="${fill}" stroke-width="${width}"${more}/>`;
    const face = broad ? metal.face : index % 2 ? gem : shade(gem, -0.22);
    rings +=
      ring(shade(face, -0.5), (broad ? 27 : 19) + 2.5) +
      ring(face, broad ? 27 : 19) +
      ring(broad ? gem : metal.shine, broad ? 10 : 4, ` stroke-dasharray="0 ${broad ? 19 : 11}"`) +
      ring('#fff', 2, ' opacity=".5"');
  }
  return `<g fill="none"><ellipse id="r" cx="300" rx="176" ry="84"/>${rings}</g><path d="M110 300C110 420 112 500 124 560Q300 700 476 560C488 500 490 420 490 300Q480 384 300 398Q120 384 110 300Z" fill="url(#l)" opacity=".8"/>`;
}

export function jutti(canvas: Canvas): string {
  const lining = brightness(canvas.base) > 0.7 ? '#B98A5C' : '#E2C9A2';
  const sole =
    'M196 134C222 150 262 230 266 330C268 420 256 500 252 590C248 664 222 690 194 690C164 690 142 664 138 590C132 500 118 420 124 330C130 230 176 150 196 134Z';
  const vamp =
    'M196 134C222 150 262 230 266 330C268 380 264 424 260 462C252 400 226 372 194 372C162 372 138 400 130 462C124 420 120 380 124 330C130 230 176 150 196 134Z';
  const heel =
    'M258 500C256 540 254 560 252 590C248 664 222 690 194 690C164 690 142 664 138 590C136 560 134 540 132 500C146 610 160 650 194 652C230 650 244 610 258 500Z';
  const motif = `<g fill="${canvas.accent}"><path d="M196 214q26 44 0 96q-26-52 0-96z"/><path d="M166 330q-26-22-24-60q28 20 24 60zM226 330q26-22 24-60q-28 20-24 60z"/><circle cx="196" cy="336" r="8"/></g><path d="M196 226q14 34 0 66q-14-32 0-66z" fill="${canvas.base}"/>`;
  const one =
    `<path d="${sole}" fill="#6A4326" transform="translate(0 7)"/><path d="${sole}" fill="${lining}"/>` +
    `<path d="M150 500C150 430 170 400 194 400C220 400 240 430 240 500C240 600 226 650 194 652C164 650 150 600 150 500Z" fill="#000" opacity=".16" filter="url(#b)"/><path d="M184 600h20v12h-20z" fill="${canvas.accent}" opacity=".6"/>` +
    canvas.cloth(vamp, { inside: motif }) +
    canvas.cloth(heel) +
    canvas.border('M131 462C140 400 162 372 194 372C226 372 252 400 259 462', 13) +
    canvas.border('M133 506C146 610 160 650 194 652C230 650 244 610 257 506', 9) +
    `<path d="M196 134q-4-22 8-32q12-6 14 6q-2 8-9 6q-7 8-6 26z" fill="${canvas.accent}" stroke="${canvas.dark}"/>`;
  return pair(canvas, one);
}

/** Left and right shoe, slightly turned to each other, seen from above. */
function pair(canvas: Canvas, one: string): string {
  return canvas.mirrored(`<g transform="rotate(5 160 420) translate(-14 0)">${one}</g>`);
}

export function kolhapuri(canvas: Canvas): string {
  const sole =
    'M196 112C250 112 268 180 266 270C264 350 250 420 250 500C250 600 248 690 194 690C142 690 138 600 140 500C140 420 118 350 120 250C122 160 150 112 196 112Z';
  const insole = shade(canvas.base, 0.14);
  const strap = 'M124 332C150 296 176 286 196 286C220 286 244 300 264 334L262 388C240 350 218 338 196 338C172 338 150 350 128 386Z';
  const one =
    `<path d="${sole}" fill="${shade(canvas.base, -0.5)}" transform="translate(0 9)"/>` +
    canvas.cloth(sole, {
      fill: insole,
      printed: false,
      inside: `<ellipse cx="194" cy="200" rx="52" ry="60" fill="#000" opacity=".12" filter="url(#b)"/><ellipse cx="194" cy="610" rx="34" ry="50" fill="#000" opacity=".14" filter="url(#b)"/>`,
    }) +
    canvas.line(sole, shade(canvas.base, -0.3), 2, ' stroke-dasharray="7 5" transform="translate(19.4 42) scale(.9)"') +
    `<path d="M186 300C186 240 188 214 204 196L216 206C206 222 206 250 206 300Z" fill="${canvas.base}" stroke="${canvas.dark}"/>` +
    canvas.line('M196 296C196 244 198 224 208 206', canvas.accent, 3, ' stroke-dasharray="6 4"') +
    `<path d="M166 218C170 190 188 180 204 184C216 188 220 200 220 212L206 216C204 200 182 198 178 222Z" fill="${canvas.base}" stroke="${canvas.dark}"/>` +
    canvas.cloth(strap, {
      inside:
        canvas.border('M122 360C150 320 174 312 196 312C220 312 244 324 266 360', 18) +
        canvas.line(
          'M124 338C150 302 176 292 196 292C220 292 244 306 264 340M126 382C150 346 172 332 196 332C220 332 242 346 264 384',
          canvas.accent,
          2,
          ' stroke-dasharray="5 3"',
        ),
    }) +
    `<circle cx="196" cy="292" r="16" fill="${canvas.accent}" stroke="${canvas.dark}" stroke-width="2"/><circle cx="196" cy="292" r="8" fill="${canvas.base}"/>`;
  return pair(canvas, one);
}

export function tote(canvas: Canvas): string {
  const leather = brightness(canvas.base) < 0.3 ? '#B57D4C' : '#6A3F22';
  const body = 'M132 330H468C480 440 490 560 494 660Q494 684 470 684H130Q106 684 106 660C110 560 120 440 132 330Z';
  const far = 'M214 344C214 180 250 128 300 128C350 128 386 180 386 344';
  const near = 'M206 380C204 200 240 150 300 150C360 150 396 200 394 380';
  const strap = (path: string, fill: string): string =>
    canvas.line(path, shade(fill, -0.4), 19) +
    canvas.line(path, fill, 16) +
    canvas.line(path, shade(fill, 0.3), 2, ' stroke-dasharray="6 4"');
  const tab = (x: number): string =>
    `<path d="M${x - 16} 368h32v58l-16 14l-16-14z" fill="${leather}"/><circle cx="${x}" cy="384" r="5" fill="#D8B25E"/><circle cx="${x}" cy="420" r="4" fill="#D8B25E"/>`;
  const base = 'M100 604H500V700H100Z';
  return (
    (canvas.back ? '' : strap(far, shade(leather, -0.25))) +
    `<path d="M132 330Q300 312 468 330L462 352H138Z" fill="${canvas.dark}"/>` +
    canvas.cloth(body, {
      inside:
        canvas.folds(12, ['M190 360Q206 520 176 600', 'M410 360Q396 520 424 600', 'M306 350Q296 480 310 600']) +
        `<path d="${base}" fill="${leather}"/>` +
        canvas.line('M100 612H500', shade(leather, 0.35), 2, ' stroke-dasharray="6 4"') +
        canvas.line('M128 342Q300 330 472 342', leather, 20),
    }) +
    strap(near, leather) +
    tab(206) +
    tab(394) +
    (canvas.back
      ? '<path d="M190 440h220v110H190z" fill="none" stroke="#0005" stroke-width="2" stroke-dasharray="6 4"/>'
      : `<path d="M392 430l-6 44q-8 30-6 66h26q2-36-8-66z" fill="${canvas.accent}" stroke="#0003"/>`)
  );
}

export function potli(canvas: Canvas): string {
  const body = 'M246 330C180 380 128 470 134 560C140 650 214 692 300 692C386 692 460 650 466 560C472 470 420 380 354 330Z';
  const ruffle = 'M222 232Q240 252 256 236Q274 256 292 236Q310 256 328 236Q346 254 378 230Q372 290 352 332H248Q228 290 222 232Z';
  const folds = [
    'M262 340Q200 440 190 560',
    'M282 340Q252 460 256 620',
    'M318 340Q350 460 344 620',
    'M338 340Q400 440 410 560',
    'M300 340V640',
  ];
  const cord = 'M246 326C150 250 170 110 300 104C430 110 450 250 354 326';
  const hanging = (x: number): string =>
    beads(`M300 338Q${x} 380 ${x} 440`, 9, 11, '#E8CF8E') +
    `<path d="M${x - 12} 446h24l5 60h-34z" fill="${canvas.accent}"/>` +
    stone(x, 444, 10, '#D8B25E', metalOf(canvas));
  return (
    canvas.line(cord, shade('#C9A04C', -0.4), 9) +
    beads(cord, 9, 11, '#E8CF8E') +
    canvas.cloth(ruffle, {
      fill: shade(canvas.base, -0.1),
      inside: canvas.folds(7, ['M250 250q2 50 10 80', 'M290 250v80', 'M330 250q-2 50-8 80', 'M358 250q-8 50-18 80']),
    }) +
    canvas.cloth(body, { inside: canvas.folds(14, folds) + canvas.border('M130 600Q300 700 470 600', 30) }) +
    canvas.border('M244 332Q300 344 356 332', 16, '#C9A04C') +
    (canvas.back ? '' : hanging(276) + hanging(334))
  );
}
