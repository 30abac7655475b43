import type { Preset } from '#libs/contracts/storage/views';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How a picture becomes a preset: scaled to `scaled`, of which the middle is `size`. */
export interface Fit {
  readonly scaled: Size;
  readonly size: Size;
}

const THUMB = 200;
const BOXES = { card: { width: 600, height: 800 }, full: { width: 1_600, height: 2_400 } } as const;

/** Nothing is enlarged; a side of a thumb that is smaller stays as it is. */
export function fitOf(preset: Preset, { width, height }: Size): Fit {
  if (preset !== 'thumb') {
    const box = BOXES[preset];
    const size = scaledBy(Math.min(1, box.width / width, box.height / height), { width, height });
    return { scaled: size, size };
  }
  const scaled = scaledBy(Math.min(1, Math.max(THUMB / width, THUMB / height)), { width, height });
  return { scaled, size: { width: Math.min(THUMB, scaled.width), height: Math.min(THUMB, scaled.height) } };
}

const scaledBy = (scale: number, { width, height }: Size): Size => ({
  width: Math.max(1, Math.round(width * scale)),
  height: Math.max(1, Math.round(height * scale)),
});

export const RENDITION_FORMATS = ['avif', 'webp', 'jpeg'] as const;
export type RenditionFormat = (typeof RENDITION_FORMATS)[number];

/** What a client takes, of ours. Only a type that it names counts: everything else that shows pictures shows JPEG. */
export function formatFor(accept: string | undefined): RenditionFormat {
  const named = new Set<string>();
  for (const part of (accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
    const quality = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '');
    if (quality === undefined || Number(quality) > 0) named.add(type);
  }
  return named.has('image/avif') ? 'avif' : named.has('image/webp') ? 'webp' : 'jpeg';
}
