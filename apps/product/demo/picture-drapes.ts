import { brightness, shade } from './colours.ts';
import { type Canvas, symmetric } from './picture-canvas.ts';

const half = (value: number): number => Math.round(value);

/** Choli: the short blouse of sarees and lehengas. */
function choli(canvas: Canvas, fill: string, printed: boolean, hemY = 312): string {
  const long = canvas.cut.sleeve === 'full' || canvas.cut.sleeve === 'three-quarter';
  const end = long ? 300 : 236;
  const sleeve = `M398 152C420 164 430 196 ${long ? 436 : 434} ${end}L394 ${end + 6}C394 ${end - 20} 392 230 388 218Z`;
  const body = symmetric(
    canvas.back ? [0, 250] : [0, 218],
    canvas.back ? [50, 246, 56, 200, 60, 138] : [36, 216, 54, 190, 58, 140],
    [80, 142, 96, 148, 104, 160],
    [92, 200, 86, 220, 94, 250],
    [92, 280, 86, 296, 84, hemY],
    [40, hemY + 8, 20, hemY + 8, 0, hemY + 8],
  );
  const ties = canvas.back
    ? canvas.line('M246 168q54 18 108 0M300 178l-14 60M300 178l16 66', canvas.accent, 3) +
      `<circle cx="285" cy="242" r="6" fill="${canvas.accent}"/><circle cx="317" cy="248" r="6" fill="${canvas.accent}"/>`
    : '';
  return (
    canvas.mirrored(canvas.cloth(sleeve, { fill, printed, inside: canvas.border(`M386 ${end - 4}L440 ${end - 10}`, 16) })) +
    canvas.cloth(body, {
      fill,
      printed,
      inside:
        canvas.folds(8, ['M212 240q30 34 74 34', 'M388 240q-30 34-74 34']) + canvas.border(`M210 ${hemY}Q300 ${hemY + 10} 390 ${hemY}`, 14),
    }) +
    ties
  );
}

export function saree(canvas: Canvas): string {
  const wide = canvas.pick(128, 138, 148);
  const rich = canvas.picture.print === 'brocade' || canvas.picture.print === 'embroidered';
  const blouse = brightness(canvas.accent) > 0.85 ? shade(canvas.base, -0.25) : shade(canvas.accent, -0.08);
  const broad = rich ? 50 : canvas.pick(26, 36);
  const skirt = symmetric(
    [0, 352],
    [84, 344],
    [104, 420, 108, 460, 110, 520],
    [114, 620, wide - 8, 690, wide, 752],
    [wide * 0.6, 764, wide * 0.3, 766, 0, 766],
  );
  const pleats: string[] = [];
  for (let index = 0; index < 5; index++) {
    const x = 262 + index * 16;
    const foot = half(238 + index * 32);
    pleats.push(`M${x} 366c0 154 ${foot - x} 274 ${foot - x} 400`);
  }
  const hem = `M150 ${752 - broad / 2}Q300 ${774 - broad / 2} 450 ${752 - broad / 2}`;
  const skirtInside = canvas.folds(9, [...pleats, 'M206 400q-10 180-24 340', 'M392 380q18 180 30 350'], 1.2) + canvas.border(hem, broad);
  // The drape runs from the right hip over the left shoulder and falls behind it.
  const fall = canvas.back
    ? 'M190 152C220 138 250 140 268 150C300 300 318 460 330 700L196 690C190 520 180 300 190 152Z'
    : 'M402 152c-24-14-48-16-66-10c-10 78-68 148-126 188l4 90c86-18 158-90 184-180z';
  const tail = 'M404 154c20 22 28 76 32 166c6 110 10 200 6 290l-46 6c4-116 2-236-4-376z';
  const edge = canvas.back ? 'M256 150q46 230 62 550' : 'M344 142q-22 124-132 196';
  const low = canvas.back ? 'M186 676L340 688' : 'M400 226q-40 160-186 186';
  const drapeFolds = canvas.back
    ? ['M214 160C220 320 222 500 222 690', 'M236 154C256 320 270 500 276 690']
    : ['M378 146q-30 130-166 218', 'M394 160q-30 140-180 228'];
  return (
    canvas.form() +
    (canvas.back
      ? ''
      : canvas.cloth(tail, {
          fill: shade(canvas.base, -0.18),
          inside: canvas.folds(7, ['M418 190q10 200 4 420']) + canvas.border('M394 596L446 590', 40),
        })) +
    choli(canvas, blouse, false) +
    canvas.cloth(skirt, { inside: skirtInside }) +
    canvas.cloth(fall, {
      inside:
        canvas.folds(9, drapeFolds) +
        canvas.border(edge, half(broad * 0.6)) +
        canvas.border(low, half(canvas.back ? broad * 1.6 : broad * 0.5)),
    })
  );
}

export function lehenga(canvas: Canvas): string {
  const wide = canvas.pick(214, 228, 240);
  const hemY = 744;
  const skirt = symmetric(
    [0, 356],
    [78, 350],
    [110, 440, wide - 60, 600, wide, hemY - 24],
    [wide * 0.72, hemY + 12, wide * 0.3, hemY + 18, 0, hemY + 18],
  );
  const folds: string[] = [];
  for (let index = -4; index <= 4; index++) {
    const x = half(300 + (index * wide) / 4.5);
    folds.push(`M${300 + index * 16} 372Q${half(300 + index * 33)} 540 ${x} ${hemY + 10}`);
  }
  const band = (up: number): string => `M${300 - wide - 8} ${hemY - 28 - up}Q300 ${hemY + 32 - up} ${300 + wide + 8} ${hemY - 28 - up}`;
  const veil = shade(canvas.accent, brightness(canvas.accent) > 0.8 ? -0.12 : 0.08);
  const dupatta = canvas.back
    ? 'M196 150c54 40 154 40 208 0l28 30c-2 120-12 290-8 440l-40 4c-4-154 0-294-12-388c-42 26-102 26-144 0c-12 94-8 234-12 388l-40-4c4-150-6-320-8-440z'
    : 'M206 156C224 140 244 138 258 144C262 240 250 330 246 420C242 500 240 560 244 640L170 646C176 520 190 400 194 300Z';
  const dupattaFolds = canvas.back
    ? ['M186 200q10 200 4 410', 'M414 200q-10 200-4 410']
    : ['M224 150C230 300 216 460 208 640', 'M240 146C246 300 230 460 228 640'];
  const ends = canvas.back ? 'M172 606L220 612M380 612L428 606' : 'M166 626L248 620';
  return (
    canvas.form() +
    choli(canvas, shade(canvas.base, -0.1), true, 318) +
    canvas.cloth(skirt, { inside: canvas.folds(13, folds, 1) + canvas.border(band(0), 46) + canvas.border(band(56), 12) }) +
    canvas.border('M220 356Q300 368 380 356', 20) +
    `<g opacity=".93">${canvas.cloth(dupatta, { fill: veil, printed: false, inside: canvas.folds(7, dupattaFolds) + canvas.border(ends, 26, canvas.base) })}</g>`
  );
}

export function kidsLehenga(canvas: Canvas): string {
  return `<g transform="translate(54 92) scale(.82)">${lehenga(canvas)}</g>`;
}

export function dupatta(canvas: Canvas): string {
  const left = canvas.pick(640, 676);
  const right = canvas.pick(560, 600);
  const back = `M310 116h150V${right}q-74 12-150 0z`;
  const front = `M128 116h232C372 260 356 460 366 ${left}q-120 16-232 0C138 460 124 260 128 116Z`;
  const tassels = (from: number, to: number, y: number): string => {
    let drawn = '';
    for (let x = from; x <= to; x += 22) drawn += `M${x} ${y}v14m-3 0l-2 20m5-20v22m3-22l2 20`;
    return canvas.line(drawn, canvas.accent, 2);
  };
  return (
    `<rect x="70" y="104" width="460" height="10" rx="5" fill="#A9803F"/><rect x="70" y="105" width="460" height="3" rx="1.5" fill="#EBD49A"/>` +
    tassels(322, 452, right + 2) +
    canvas.cloth(back, {
      fill: shade(canvas.base, -0.12),
      inside:
        canvas.folds(12, ['M350 130q6 200 0 480', 'M410 130q-8 200 2 480']) +
        canvas.border(`M300 ${right - 26}h170`, 44) +
        canvas.border('M452 110V620', 14),
    }) +
    tassels(144, 358, left + 6) +
    canvas.cloth(front, {
      inside:
        canvas.folds(14, [`M176 130q14 260 2 ${left - 120}`, `M240 130q-14 250 4 ${left - 120}`, `M306 130q16 250-4 ${left - 120}`]) +
        canvas.border(`M120 ${left - 34}q124 18 256 0`, 58) +
        canvas.border(`M136 110C132 280 146 460 142 ${left}`, 14) +
        canvas.border(`M352 110C364 280 348 460 358 ${left}`, 14),
    }) +
    `<path d="M128 112h332v6H128z" fill="#fff" opacity=".22"/>`
  );
}
