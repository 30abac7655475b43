import { brightness, shade } from './colours.ts';
import { type Canvas, symmetric } from './picture-canvas.ts';
import { bandCollar, bodice, fallingFolds, insideNeck, neck, placket, sleevePair } from './picture-tailoring.ts';

const STITCH = '#D29A55';

export function shirt(canvas: Canvas): string {
  const top = 130;
  const half = canvas.cut.sleeve === 'short' || canvas.cut.sleeve === 'sleeveless';
  const banded = canvas.cut.neckline === 'band';
  const body = bodice(canvas, {
    top,
    shoulder: 134,
    armpit: [122, 278],
    waist: [116, 420],
    hip: [120, 520],
    hem: [124, 612],
    neckline: 'band',
    sag: 44,
  });
  const button = brightness(canvas.base) > 0.6 ? '#8A7658' : '#F3EDE0';
  const pocket = canvas.back
    ? canvas.line('M172 196Q300 212 428 196M292 204v440M308 204v440', canvas.seam, 1.6)
    : `<path d="M338 292h58v52q0 10-10 12l-19 8l-19-8q-10-2-10-12z" fill="${canvas.base}"/><path d="M338 292h58v52q0 10-10 12l-19 8l-19-8q-10-2-10-12zM338 304h58" fill="url(#p)" stroke="${canvas.seam}" stroke-width="1.5"/>`;
  const collar = canvas.back
    ? `<path d="M254 ${top + 2}Q300 ${top - 30} 346 ${top + 2}L338 ${top + 22}Q300 ${top} 262 ${top + 22}Z" fill="${canvas.base}" stroke="${canvas.seam}"/>`
    : `<path d="M258 ${top - 8}Q300 ${top - 30} 342 ${top - 8}L330 ${top + 20}L300 ${top + 36}L270 ${top + 20}Z" fill="${canvas.dark}"/>` +
      `<path d="M258 ${top - 12}C250 ${top + 6} 244 ${top + 36} 240 ${top + 54}L280 ${top + 70}L300 ${top + 34}C280 ${top + 20} 268 ${top} 264 ${top - 16}ZM342 ${top - 12}C350 ${top + 6} 356 ${top + 36} 360 ${top + 54}L320 ${top + 70}L300 ${top + 34}C320 ${top + 20} 332 ${top} 336 ${top - 16}Z" fill="${canvas.base}"/>` +
      canvas.line(
        `M258 ${top - 12}C250 ${top + 6} 244 ${top + 36} 240 ${top + 54}L280 ${top + 70}L300 ${top + 34}L320 ${top + 70}L360 ${top + 54}C356 ${top + 36} 350 ${top + 6} 342 ${top - 12}`,
        canvas.seam,
        1.6,
      );
  return (
    sleevePair(canvas, {
      shoulder: [132, top + 34],
      armpit: [122, 278],
      cuff: half ? 66 : 50,
      angle: half ? 22 : 10,
      length: half ? 150 : 400,
      trimWidth: half ? 18 : 46,
    }) +
    canvas.cloth(body, {
      inside:
        fallingFolds(canvas, 330, 650, 90, 8) +
        canvas.folds(8, ['M186 296q40 26 84 28', 'M414 296q-40 26-84 28']) +
        canvas.line('M172 600Q300 672 428 600', canvas.seam, 1.2),
    }) +
    placket(canvas, top + 28, 646, 7, button, 24) +
    pocket +
    (banded ? bandCollar(canvas, top) : collar)
  );
}

function crewTop(canvas: Canvas, top: number, motif: string): string {
  const neckline = canvas.cut.neckline === 'v' ? 'v' : 'round';
  const body = bodice(canvas, {
    top,
    shoulder: 136,
    armpit: [124, 286],
    waist: [118, 430],
    hip: [122, 540],
    hem: [124, 650],
    neckline,
    sag: 8,
  });
  const { edge } = neck(canvas, top, neckline);
  const long = canvas.cut.sleeve === 'full';
  return (
    sleevePair(canvas, {
      shoulder: [134, top + 34],
      armpit: [124, 286],
      cuff: long ? 46 : 78,
      angle: long ? 11 : 26,
      length: long ? 390 : 150,
      trimWidth: 16,
    }) +
    insideNeck(canvas, top, neckline) +
    canvas.cloth(body, {
      inside:
        fallingFolds(canvas, 380, 660, 100, 8) +
        canvas.folds(9, ['M184 306q50 40 96 30', 'M416 306q-50 40-96 30', 'M180 560q60-16 110-60']) +
        canvas.line('M170 640Q300 652 430 640M170 634Q300 646 430 634', canvas.seam, 1),
    }) +
    canvas.line(edge, shade(canvas.base, -0.1), 14) +
    canvas.line(edge, canvas.seam, 1.2, ` transform="translate(0 8)"`) +
    (canvas.back ? '' : motif)
  );
}

export function tee(canvas: Canvas): string {
  const motif =
    canvas.picture.print === 'plain'
      ? canvas.shape('', `<path d="M346 292h34v30q-17 16-34 0z" fill="none" stroke="${canvas.seam}" stroke-width="1.6"/>`)
      : '';
  return crewTop(canvas, 124, motif);
}

export function kidsTee(canvas: Canvas): string {
  const kite = `<g transform="rotate(14 300 360)"><path d="M300 270l66 80l-66 92l-66-92z" fill="${canvas.accent}"/><path d="M300 270l66 80h-132z" fill="${shade(canvas.accent, 0.3)}"/><path d="M300 270v172M234 350h132" stroke="${canvas.dark}" stroke-width="2"/><path d="M300 442q14 24-6 44q-16 18 4 40" fill="none" stroke="${canvas.accent}" stroke-width="3"/></g>`;
  const sun = `<circle cx="300" cy="370" r="40" fill="${canvas.accent}"/><circle cx="300" cy="370" r="64" fill="none" stroke="${canvas.accent}" stroke-width="22" stroke-dasharray="9 16"/>`;
  const motif = canvas.picture.print === 'plain' ? canvas.shape(kite, sun) : '';
  return `<g transform="translate(48 60) scale(.84)">${crewTop(canvas, 124, motif)}</g>`;
}

export function top(canvas: Canvas): string {
  const high = 150;
  const peplum = canvas.shape(false, true);
  const waistY = peplum ? 380 : 400;
  const hemX = peplum ? 148 : 116;
  const body = bodice(canvas, {
    top: high,
    shoulder: 110,
    armpit: [98, 292],
    waist: [88, waistY],
    hip: [peplum ? 116 : 100, 490],
    hem: [hemX, 590],
    sag: peplum ? 16 : 8,
  });
  return (
    sleevePair(canvas, { shoulder: [110, high + 34], armpit: [98, 292], cuff: canvas.pick(46, 62), angle: 14 }) +
    insideNeck(canvas, high) +
    canvas.cloth(body, {
      inside:
        fallingFolds(canvas, waistY, 600, 100, 8) +
        canvas.folds(8, ['M206 310q34 30 78 30', 'M394 310q-34 30-78 30']) +
        (peplum ? canvas.line(`M204 ${waistY}Q300 ${waistY + 12} 396 ${waistY}`, canvas.seam, 3) : '') +
        canvas.line('M140 580Q300 604 460 580', canvas.seam, 1.2),
    }) +
    canvas.line(neck(canvas, high).edge, canvas.seam, 3) +
    (canvas.cut.neckline === 'band' ? placket(canvas, high + 26, high + 140, 3, canvas.accent, 18) + bandCollar(canvas, high) : '')
  );
}

export function dress(canvas: Canvas): string {
  const high = 116;
  const wide = canvas.shape(196, 164, 122, 176);
  const hemY = canvas.shape(640, 680, 620, 716);
  const body = bodice(canvas, {
    top: high,
    shoulder: 106,
    armpit: [92, 250],
    waist: [78, 346],
    hip: [112, 450],
    hem: [wide, hemY],
    sag: 20,
  });
  const tiers = canvas.shape(false, true, false, false);
  const tier = tiers
    ? canvas.line(`M150 506Q300 530 450 506M140 600Q300 630 460 600`, canvas.seam, 2.4) +
      canvas.line(`M150 512Q300 536 450 512M140 606Q300 636 460 606`, '#000', 6, ' opacity=".12"')
    : '';
  const belt = canvas.back
    ? ''
    : `<path d="M222 338Q300 350 378 338V358Q300 370 222 358Z" fill="${canvas.dark}"/><path d="M318 352q-18 60-8 118l14-4q-8-60 8-112zM326 352q30 50 26 96l-13-2q2-50-22-90z" fill="${canvas.dark}"/>`;
  return (
    sleevePair(canvas, { shoulder: [106, high + 34], armpit: [92, 250], cuff: 52, angle: 13 }) +
    insideNeck(canvas, high) +
    canvas.cloth(body, {
      inside:
        fallingFolds(canvas, 360, hemY + 16, wide * 0.9, 11) + canvas.folds(8, ['M214 266q30 26 70 28', 'M386 266q-30 26-70 28']) + tier,
    }) +
    canvas.line(neck(canvas, high).edge, canvas.seam, 3) +
    belt +
    (canvas.cut.neckline === 'band' ? placket(canvas, high + 26, 330, 5, canvas.accent, 18) + bandCollar(canvas, high) : '')
  );
}

export function frock(canvas: Canvas): string {
  const skirt = symmetric([0, 356], [84, 352], [110, 440, 180, 560, 204, 640], [140, 668, 60, 672, 0, 672]);
  const bodicePath = bodice(canvas, {
    top: 160,
    shoulder: 104,
    armpit: [90, 270],
    waist: [84, 330],
    hip: [84, 350],
    hem: [84, 362],
    neckline: 'round',
    sag: 6,
  });
  const puff = 'M398 190C446 186 470 232 458 278Q430 292 396 284C388 250 384 230 380 214Z';
  const folds: string[] = [];
  for (let index = -4; index <= 4; index++) folds.push(`M${300 + index * 18} 364Q${300 + index * 26} 500 ${300 + index * 45} 668`);
  const trim = brightness(canvas.accent) > brightness(canvas.base) ? canvas.accent : '#F7EFE2';
  const bow = canvas.back
    ? `<path d="M300 362l-56-26v56zM300 362l56-26v56z" fill="${canvas.accent}"/><path d="M292 366l-30 110l26 4l12-100l12 100l26-4l-30-110z" fill="${canvas.accent}"/><circle cx="300" cy="364" r="11" fill="${shade(canvas.accent, -0.2)}"/>`
    : `<path d="M214 348Q300 362 386 348V374Q300 388 214 374Z" fill="${canvas.accent}"/>`;
  return (
    canvas.mirrored(
      canvas.cloth(puff, {
        inside: canvas.folds(6, ['M420 206q8 40 0 78', 'M440 210q8 40 2 70']) + canvas.line('M388 276Q430 286 462 268', trim, 10),
      }),
    ) +
    insideNeck(canvas, 160, 'round') +
    canvas.cloth(skirt, { inside: canvas.folds(13, folds) + canvas.line('M80 620Q300 700 520 620', trim, 18) }) +
    canvas.cloth(bodicePath, { inside: canvas.folds(7, ['M214 280q30 24 70 26']) }) +
    canvas.line(neck(canvas, 160, 'round').edge, trim, 10) +
    bow
  );
}

export function jeans(canvas: Canvas): string {
  const slim = canvas.shape(42, 58, 76, 92);
  const path = symmetric(
    [0, 88],
    [92, 84],
    [98, 130, 116, 190, 120, 260],
    [122, 400, 96 + slim * 0.3, 560, 40 + slim, 746],
    [44, 748],
    [34, 560, 22, 420, 0, 300],
  );
  const seam = canvas.seam;
  const stitch = (path: string): string => canvas.line(path, STITCH, 1.6, ' stroke-dasharray="5 3"');
  const worn = canvas.picture.print === 'washed' ? Math.round(10 + 26 * brightness(canvas.base)) : 7;
  const thigh = (x: number): string => `<ellipse cx="${x}" cy="390" rx="24" ry="130"/>`;
  const fade = `<g filter="url(#b)" fill="#fff" opacity="${worn / 100}">${thigh(236)}${thigh(364)}</g>`;
  const whiskers = canvas.folds(5, [
    'M214 246q34 14 62 8',
    'M210 268q36 16 60 8',
    'M386 246q-34 14-62 8',
    'M390 268q-36 16-60 8',
    'M206 510q30 12 54 6',
    'M394 510q-30 12-54 6',
  ]);
  const front =
    canvas.line('M300 118V300', seam, 2) +
    stitch('M318 118V226Q316 262 300 270') +
    stitch('M208 122Q218 172 262 178L262 122M392 122Q382 172 338 178L338 122') +
    canvas.line('M206 118Q216 168 262 174M394 118Q384 168 338 174', seam, 3);
  const pockets = 'M212 172h66v64l-33 16l-33-16zM322 172h66v64l-33 16l-33-16z';
  const back =
    canvas.line('M300 118V300', seam, 2) +
    `<path d="${pockets}" fill="${canvas.base}" stroke="${seam}"/>` +
    stitch(pockets) +
    stitch('M212 202q33 20 66 0M322 202q33 20 66 0M204 150Q300 178 396 150');
  const waist =
    `<path d="M208 84Q300 96 392 84L396 116Q300 128 204 116Z" fill="${shade(canvas.base, -0.12)}"/>` +
    stitch('M206 90Q300 102 394 90M204 110Q300 122 396 110');
  const inside =
    fade +
    whiskers +
    (canvas.back ? back : front) +
    stitch('M196 720H420M158 732H460') +
    canvas.line('M182 260Q190 500 236 740M418 260Q410 500 364 740', seam, 1.2);
  const loops = `<path d="M226 82h9v38h-9zM365 82h9v38h-9zM295 88h9v38h-9z" fill="${shade(canvas.base, -0.05)}" stroke="${seam}"/>`;
  return `${canvas.cloth(path, { inside })}${waist}${loops}${canvas.back ? '<path d="M330 96h40v24h-40z" fill="#A66B3C"/>' : '<circle cx="300" cy="106" r="8" fill="#B98C50" stroke="#6d4b22"/>'}`;
}

export function palazzo(canvas: Canvas): string {
  const wide = canvas.shape(206, 226, 176);
  const path = symmetric(
    [0, 120],
    [92, 114],
    [100, 180, 122, 260, 134, 330],
    [156, 480, wide - 14, 620, wide, 730],
    [wide * 0.7, 746, 50, 746, 20, 738],
    [18, 600, 10, 460, 0, 340],
  );
  const folds: string[] = [];
  for (const side of [-1, 1])
    for (const [near, far] of [
      [26, 60],
      [54, 110],
      [84, 160],
    ] as const)
      folds.push(`M${300 + side * near} 150Q${300 + side * (near + 18)} 420 ${300 + side * far} 740`);
  const gathers = canvas.line(
    'M214 118v24M232 120v26M250 122v24M268 123v26M286 124v24M314 124v24M332 123v26M350 122v24M368 120v26M386 118v24',
    canvas.dark,
    2,
    ' opacity=".6"',
  );
  const hem = canvas.pick(true, false)
    ? canvas.border('M70 718Q180 742 290 726', 22) + canvas.border('M310 726Q420 742 530 718', 22)
    : canvas.line('M70 724Q180 740 290 730M310 730Q420 740 530 724');
  const cord = canvas.back
    ? ''
    : canvas.line('M292 138q-26 60-18 124M308 138q22 50 20 104', canvas.accent, 4) +
      `<path d="M274 262l-9 34h20zM328 242l-9 34h20z" fill="${canvas.accent}"/>`;
  return (
    canvas.cloth(path, { inside: canvas.folds(12, folds) + canvas.line('M300 142V340', canvas.seam, 2) + gathers + hem }) +
    `<path d="M208 114Q300 126 392 114L394 142Q300 154 206 142Z" fill="${shade(canvas.base, -0.14)}"/>` +
    cord
  );
}
