import { brightness, shade } from './colours.ts';
import { type Canvas, symmetric } from './picture-canvas.ts';
import { bandCollar, bodice, fallingFolds, insideNeck, neck, placket, sleevePair } from './picture-tailoring.ts';

const GOLD = '#C9A04C';

export function kurta(canvas: Canvas): string {
  const top = 96;
  const banded = canvas.cut.neckline === 'band';
  const trimmed = canvas.pick(true, true, false);
  const flare = canvas.shape(120, 152, 126, 118);
  const hemY = canvas.shape(706, 696, 690, 590);
  const body = bodice(canvas, {
    top,
    shoulder: 114,
    armpit: [100, 246],
    waist: [90, 350],
    hip: [112, 470],
    hem: [flare, hemY],
    sag: canvas.shape(8, 10, 30, 8),
  });
  const hem = `M150 ${hemY - 8}Q300 ${hemY + 12} 450 ${hemY - 8}`;
  const inside =
    fallingFolds(canvas, 330, hemY, 100) +
    canvas.folds(8, ['M206 262q26 22 64 30', 'M394 262q-26 22-64 30']) +
    (trimmed ? canvas.border(hem, 26) : canvas.line(hem)) +
    canvas.line(`M${300 - flare} ${hemY}L${300 - 112} 492M${300 + flare} ${hemY}L${300 + 112} 492`, canvas.dark, 3);
  const yoke =
    trimmed && !canvas.back && !banded ? canvas.border(neck(canvas, top).edge, 16) : canvas.line(neck(canvas, top).edge, canvas.seam, 3);
  return (
    sleevePair(canvas, { shoulder: [114, top + 34], armpit: [100, 246], cuff: 46, ...(trimmed ? { trim: canvas.accent } : {}) }) +
    insideNeck(canvas, top) +
    canvas.cloth(body, { inside }) +
    yoke +
    (banded ? placket(canvas, top + 26, 268, 5, canvas.accent) + bandCollar(canvas, top) : '') +
    (canvas.cut.neckline === 'v' && !canvas.back ? canvas.buttons(300, top + 130, top + 190, 3, canvas.accent, 4) : '')
  );
}

export function mensKurta(canvas: Canvas): string {
  const top = 100;
  const hemY = canvas.shape(704, 690, 600);
  const body = bodice(canvas, {
    top,
    shoulder: 128,
    armpit: [116, 250],
    waist: [112, 380],
    hip: [120, 500],
    hem: [130, hemY],
    neckline: 'band',
    sag: canvas.shape(6, 24),
  });
  const inside =
    fallingFolds(canvas, 300, hemY, 96) +
    canvas.folds(8, ['M196 270q30 30 70 34', 'M404 270q-30 30-70 34']) +
    canvas.line(`M160 ${hemY - 12}Q300 ${hemY + 2} 440 ${hemY - 12}`) +
    canvas.line(`M172 ${hemY}L180 530M428 ${hemY}L420 530`, canvas.dark, 3);
  const worked = canvas.picture.print === 'embroidered' || canvas.picture.print === 'brocade' || canvas.picture.print === 'chikankari';
  return (
    sleevePair(canvas, { shoulder: [126, top + 34], armpit: [116, 250], cuff: 50, angle: 9 }) +
    canvas.cloth(body, { inside }) +
    (worked && !canvas.back ? canvas.border(`M300 ${top + 30}V330`, 46) : '') +
    placket(canvas, top + 26, 330, 5, canvas.accent) +
    bandCollar(canvas, top)
  );
}

export function kidsKurta(canvas: Canvas): string {
  const pale = brightness(canvas.base) > 0.72 ? canvas.accent : '#F2EADB';
  const pyjama = symmetric([0, 520], [112, 520], [112, 620, 96, 700, 84, 764], [18, 764], [16, 700, 8, 640, 0, 600]);
  const legs = canvas.cloth(pyjama, {
    fill: pale,
    printed: false,
    inside: canvas.folds(7, ['M240 600q-6 80 4 150', 'M360 600q6 80-4 150']) + canvas.line('M180 752h240', '#0003', 1.4),
  });
  return `<g transform="translate(30 62) scale(.9)">${legs}<g transform="translate(0 12) scale(1 .9)">${mensKurta(canvas)}</g></g>`;
}

export function sherwani(canvas: Canvas): string {
  const top = 92;
  const hemY = 668;
  const gold = canvas.picture.print === 'plain' ? canvas.accent : GOLD;
  const churidar = symmetric([0, 600], [104, 600], [100, 680, 74, 730, 66, 768], [20, 768], [14, 700, 6, 680, 0, 660]);
  const legs = canvas.cloth(churidar, {
    fill: brightness(canvas.base) > 0.72 ? '#B99A6B' : '#EFE6D3',
    printed: false,
    inside: canvas.folds(6, ['M232 736q26 8 44 0', 'M328 736q26 8 44 0', 'M230 754q26 8 44 0', 'M328 754q26 8 44 0']),
  });
  const body = bodice(canvas, {
    top,
    shoulder: 132,
    armpit: [116, 244],
    waist: [104, 362],
    hip: [122, 480],
    hem: [150, hemY],
    neckline: 'band',
    sag: 6,
  });
  const inside =
    fallingFolds(canvas, 380, hemY, 110) +
    canvas.folds(8, ['M192 268q34 34 76 40', 'M408 268q-34 34-76 40']) +
    (canvas.back ? canvas.line(`M300 400V${hemY + 8}`, canvas.dark, 3) : canvas.border(`M300 ${top + 30}V${hemY + 10}`, 56, gold)) +
    canvas.border(`M140 ${hemY - 6}Q300 ${hemY + 12} 460 ${hemY - 6}`, 22, gold) +
    (canvas.back
      ? ''
      : canvas.line(`M302 ${top + 40}V${hemY + 10}`, canvas.dark, 2.4) + canvas.line('M214 452l46-6M340 446l46 6', canvas.dark, 3));
  return (
    legs +
    sleevePair(canvas, { shoulder: [130, top + 34], armpit: [116, 244], cuff: 50, angle: 9, length: 392, trim: gold, trimWidth: 34 }) +
    canvas.cloth(body, { inside }) +
    (canvas.back ? '' : canvas.buttons(300, 156, 420, 7, shade(gold, -0.25), 5.6)) +
    bandCollar(canvas, top, shade(canvas.base, -0.14))
  );
}

export function nehruJacket(canvas: Canvas): string {
  const top = 112;
  const hemY = 560;
  const linen = brightness(canvas.base) > 0.72 ? '#C9B48E' : '#F1E9DA';
  const under = bodice(canvas, {
    top,
    shoulder: 126,
    armpit: [116, 258],
    waist: [112, 400],
    hip: [122, 520],
    hem: [132, 722],
    neckline: 'band',
  });
  const shirtSleeve = 'M418 142C450 160 470 280 492 520L446 528C440 430 424 330 410 262L384 190Z';
  const shirt =
    canvas.mirrored(
      canvas.cloth(shirtSleeve, {
        fill: linen,
        printed: false,
        inside: canvas.folds(7, ['M420 240q16 120 44 230']) + canvas.line('M440 512l56-8', '#0003', 1.6),
      }),
    ) +
    canvas.cloth(under, {
      fill: linen,
      printed: false,
      depth: 0.5,
      inside: fallingFolds(canvas, 560, 724, 90) + canvas.line('M166 706Q300 722 434 706', '#0003', 1.6),
    });
  const vest = symmetric(
    [0, top + 30],
    [24, top + 26, 36, top + 14, 38, top],
    [70, top + 10, 92, top + 18, 106, top + 30],
    [84, top + 76, 86, 232, 112, 272],
    [110, 350, 108, 400, 122, hemY - 10],
    canvas.back ? [0, hemY] : [40, hemY],
    [0, hemY - 34],
  );
  const detail = canvas.back
    ? canvas.line(`M300 140V${hemY}`, canvas.seam, 2)
    : canvas.line(`M304 ${top + 40}V${hemY - 34}`, canvas.dark, 2.4) +
      `<path d="M352 262l50-8v10l-50 8z" fill="${canvas.dark}"/>` +
      canvas.line('M202 462l58 4M340 466l58-4', canvas.dark, 7);
  const square = canvas.back ? '' : `<path d="M358 262l10-24l10 12l12-14l8 20z" fill="${canvas.accent}"/>`;
  return (
    shirt +
    canvas.cloth(vest, { inside: canvas.folds(9, ['M206 300q24 60 18 200', 'M394 300q-24 60-18 200', 'M262 300q10 90 4 220']) + detail }) +
    square +
    (canvas.back ? '' : canvas.buttons(298, 180, 500, 6, canvas.accent, 6)) +
    bandCollar(canvas, top)
  );
}

export function anarkali(canvas: Canvas): string {
  const top = 128;
  const hemY = canvas.pick(724, 738);
  const wide = canvas.shape(196, 214, 230);
  const { start, toShoulder } = neck(canvas, top);
  const body = symmetric(
    start,
    toShoulder,
    [76, top + 10, 96, top + 18, 108, top + 30],
    [92, top + 70, 82, 226, 94, 250],
    [92, 290, 82, 310, 80, 336],
    [96, 440, wide - 50, 600, wide, hemY - 16],
    [wide * 0.7, hemY + 14, wide * 0.3, hemY + 14, 0, hemY + 14],
  );
  const folds: string[] = [];
  for (let index = -4; index <= 4; index++) {
    const x = Math.round(300 + (index * wide) / 4.6);
    folds.push(`M${300 + index * 17} 350Q${Math.round(300 + index * 26)} 520 ${x} ${hemY + 6}`);
  }
  const hem = `M${300 - wide - 6} ${hemY - 22}Q300 ${hemY + 28} ${300 + wide + 6} ${hemY - 22}`;
  return (
    canvas.form() +
    sleevePair(canvas, { shoulder: [106, top + 34], armpit: [94, 250], cuff: 44, angle: 10, trim: canvas.accent, trimWidth: 20 }) +
    canvas.cloth(body, { inside: canvas.folds(12, folds, 1) + canvas.border(hem, 40) + canvas.border('M210 334Q300 350 390 334', 18) }) +
    (canvas.back ? canvas.line('M286 146q-30 60-14 110M314 146q30 60 14 110', canvas.accent, 3) : canvas.border(neck(canvas, top).edge, 20))
  );
}
