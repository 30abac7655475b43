import { shade } from './colours.ts';
import { type Canvas, MIDDLE, type Point, type Segment, symmetric } from './picture-canvas.ts';
import type { Neckline, Sleeve } from './picture-name.ts';

/** The parts that sewn tops have in common: neckline, bodice, sleeves, placket, collar. */

const NECKS: Record<Neckline, readonly [width: number, depth: number]> = { round: [46, 62], v: [44, 108], band: [38, 26], boat: [80, 22] };

interface Neck {
  readonly start: Point;
  readonly toShoulder: Segment;
  /** The open neckline, from left to right. */
  readonly edge: string;
  /** What one sees of the back's inside. */
  readonly opening: string;
}

export function neck(canvas: Canvas, top: number, neckline: Neckline = canvas.cut.neckline): Neck {
  const [width, front] = NECKS[neckline];
  const depth = canvas.back ? 16 : front;
  const low = top + depth;
  const toShoulder: Segment =
    neckline === 'v' && !canvas.back
      ? [width * 0.35, top + depth * 0.6, width * 0.85, top + depth * 0.3, width, top]
      : [width * 0.6, low, width * 0.96, top + depth * 0.6, width, top];
  const [ax, ay, bx, by] = toShoulder;
  const x = (dx: number): number => Math.round(MIDDLE + dx);
  const y = Math.round;
  const edge = `M${x(-width)} ${top}C${x(-bx)} ${y(by)} ${x(-ax)} ${y(ay)} 300 ${low}C${x(ax)} ${y(ay)} ${x(bx)} ${y(by)} ${x(width)} ${top}`;
  return { start: [0, low], toShoulder, edge, opening: `${edge}Q300 ${top + 26} ${x(-width)} ${top}Z` };
}

interface Bodice {
  readonly top: number;
  readonly shoulder: number;
  readonly armpit: Point;
  readonly waist: Point;
  readonly hip: Point;
  readonly hem: Point;
  /** How far the hem hangs lower in the middle; negative at a shirt's tails. */
  readonly sag?: number;
  readonly neckline?: Neckline;
}

export function bodice(canvas: Canvas, { top, shoulder, armpit, waist, hip, hem, sag = 10, neckline }: Bodice): string {
  const { start, toShoulder } = neck(canvas, top, neckline);
  const [ax, ay] = armpit;
  return symmetric(
    start,
    toShoulder,
    [shoulder * 0.7, top + 10, shoulder - 20, top + 20, shoulder - 2, top + 32],
    [shoulder - 16, top + 80, ax - 16, ay - 26, ax, ay],
    [ax - 4, ay + 40, waist[0], waist[1] - 50, waist[0], waist[1]],
    [waist[0], waist[1] + 40, hip[0] - 4, hip[1] - 60, hip[0], hip[1]],
    [hip[0] + 3, hip[1] + 40, hem[0] - 2, hem[1] - 60, hem[0], hem[1]],
    [hem[0] * 0.6, hem[1] + sag, hem[0] * 0.3, hem[1] + sag, 0, hem[1] + sag],
  );
}

const LENGTHS: Record<Sleeve, number> = { sleeveless: 0, short: 128, 'three-quarter': 262, full: 392 };

interface SleeveShape {
  readonly shoulder: Point;
  readonly armpit: Point;
  /** Width at the cuff. */
  readonly cuff: number;
  /** Degrees away from hanging straight down. */
  readonly angle?: number;
  readonly length?: number;
  readonly trim?: string;
  readonly trimWidth?: number;
}

/** Both sleeves, to be drawn before the body that covers their seams. Empty for a sleeveless cut. */
export function sleevePair(canvas: Canvas, { shoulder, armpit, cuff, angle = 11, length, trim, trimWidth = 16 }: SleeveShape): string {
  const reach = length ?? LENGTHS[canvas.cut.sleeve];
  if (reach === 0) return '';
  const sine = Math.sin((angle * Math.PI) / 180);
  const cosine = Math.cos((angle * Math.PI) / 180);
  const x = (dx: number): number => Math.round(MIDDLE + dx);
  const y = Math.round;
  const [sx, sy] = shoulder;
  const [ax, ay] = armpit;
  // A short sleeve is as wide as the arm; it narrows to the cuff on its way down.
  const width = cuff + (ax - 30 - cuff > 0 ? (58 - cuff) * Math.max(0, 1 - reach / 392) : 0);
  const ox = sx + sine * reach + 8;
  const oy = sy + cosine * reach;
  const ix = ox - cosine * width;
  const iy = oy + sine * width;
  const path =
    `M${x(sx - 14)} ${y(sy - 9)}C${x(sx + 16)} ${y(sy - 3)} ${x(sx + sine * reach * 0.3 + 16)} ${y(sy + cosine * reach * 0.35)} ${x(ox)} ${y(oy)}` +
    `L${x(ix)} ${y(iy)}C${x(ix - sine * 30)} ${y(iy - reach * 0.3)} ${x(ax + 8)} ${y(ay + reach * 0.12)} ${x(ax - 6)} ${y(ay)}L${x(ax - 34)} ${y(ay - 60)}Z`;
  const cuffLine = `M${x(ox + 4)} ${y(oy - trimWidth / 2)}L${x(ix - 4)} ${y(iy - trimWidth / 2)}`;
  const crease = `M${x(ax + 8)} ${y(ay - 34)}q8 ${y(reach * 0.3)} ${y(sine * reach * 0.8 - 4)} ${y(reach * 0.72)}`;
  const inside = canvas.folds(7, [crease]) + (trim ? canvas.border(cuffLine, trimWidth, trim) : canvas.line(cuffLine, canvas.seam, 1.4));
  return canvas.mirrored(canvas.cloth(path, { inside }));
}

/** The shade inside the back of the neck, with its label. */
export function insideNeck(canvas: Canvas, top: number, neckline: Neckline = canvas.cut.neckline): string {
  if (canvas.back) return '';
  const label = neckline === 'boat' ? '' : `<path d="M287 ${top + 19}h26v11h-26z" fill="#F7F2E8" opacity=".9"/>`;
  return `<path d="${neck(canvas, top, neckline).opening}" fill="${shade(canvas.base, -0.5)}"/>${label}`;
}

/** A strip with buttons down the middle. */
export function placket(canvas: Canvas, from: number, to: number, count: number, buttonFill: string, width = 22): string {
  if (canvas.back) return '';
  const half = width / 2;
  return (
    `<path d="M${MIDDLE - half} ${from}h${width}V${to}l-${half} 7l-${half}-7z" fill="${canvas.base}"/>` +
    `<path d="M${MIDDLE - half} ${from}h${width}V${to}l-${half} 7l-${half}-7z" fill="url(#p)" stroke="${canvas.seam}" stroke-width="1.4"/>` +
    canvas.buttons(MIDDLE, from + 16, to - 12, count, buttonFill, 4.2)
  );
}

/** A standing band around the neck. */
export function bandCollar(canvas: Canvas, top: number, fill = canvas.base): string {
  const y = top;
  const path = canvas.back
    ? `M256 ${y + 6}Q300 ${y - 26} 344 ${y + 6}L340 ${y + 18}Q300 ${y - 2} 260 ${y + 18}Z`
    : `M258 ${y - 12}C256 ${y + 4} 262 ${y + 22} 298 ${y + 42}L298 ${y + 22}C276 ${y + 8} 270 ${y - 2} 270 ${y - 16}ZM342 ${y - 12}C344 ${y + 4} 338 ${y + 22} 302 ${y + 42}L302 ${y + 22}C324 ${y + 8} 330 ${y - 2} 330 ${y - 16}Z`;
  const behind = canvas.back
    ? ''
    : `<path d="M258 ${y - 12}Q300 ${y - 30} 342 ${y - 12}L336 ${y + 10}Q300 ${y + 34} 264 ${y + 10}Z" fill="${shade(fill, -0.5)}"/>`;
  return `${behind}<path d="${path}" fill="${fill}" stroke="${canvas.seam}" stroke-width="1.4"/>`;
}

/** Folds that fall from the waist; how many and where differ by picture. */
export function fallingFolds(canvas: Canvas, from: number, to: number, reach: number, width = 9): string {
  const paths: string[] = [];
  const count = 4 + Math.floor(canvas.random() * 2);
  for (let index = 0; index < count; index++) {
    const dx = ((index + 0.5) / count - 0.5) * 2 * reach + (canvas.random() - 0.5) * 18;
    const start = from + canvas.random() * 70;
    paths.push(
      `M${Math.round(MIDDLE + dx * 0.7)} ${Math.round(start)}Q${Math.round(MIDDLE + dx * 0.8 + 8)} ${Math.round((start + to) / 2)} ${Math.round(MIDDLE + dx)} ${to}`,
    );
  }
  return canvas.folds(width, paths);
}
