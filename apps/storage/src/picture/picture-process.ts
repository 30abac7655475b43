/** The process that decodes and encodes pictures: what strangers send is opened here and nowhere else. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { encode as blurhashOf } from 'blurhash';
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import workerpool from 'workerpool';
import { MAX_PIXELS, MAX_SIDE } from '#libs/contracts/storage/limits';
import type { Preset } from '#libs/contracts/storage/views';
import { isDiskFault } from './disk-fault.ts';
import { declaredSize, isLosslessWebp } from './picture-header.ts';
import { fitOf, type RenditionFormat, type Size } from './presets.ts';

export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif';

export interface Kept extends Size {
  readonly outcome: 'kept';
  readonly hash: string;
  readonly size: number;
  readonly color: string;
  readonly blurhash: string;
}
export type Encoded = Kept | { readonly outcome: 'broken' } | { readonly outcome: 'too_many_pixels' };

export interface Rendered {
  readonly hash: string;
  readonly size: number;
}

// libvips would keep decoded pictures, and take every core.
sharp.cache(false);
sharp.concurrency(1);

const INPUT: SharpOptions = { limitInputPixels: MAX_PIXELS, failOn: 'error', sequentialRead: false, autoOrient: true };
const FORMAT_NAMES = { 'image/jpeg': 'jpeg', 'image/png': 'png', 'image/webp': 'webp', 'image/avif': 'heif' } as const;
const PLACEHOLDER_SIDE = 32;
const WHITE = { r: 255, g: 255, b: 255 };

/** Writes the picture anew: turned as it is seen, sRGB, its first frame, and nothing of the file that was sent but the pixels. */
async function keep(from: string, to: string, type: PictureType): Promise<Encoded> {
  const file = await open(from);
  let isLossless = false;
  try {
    const declared = type === 'image/avif' ? undefined : await declaredSize(file, type);
    if (declared !== undefined && isTooLarge(declared)) return { outcome: 'too_many_pixels' };
    isLossless = type === 'image/webp' && (await isLosslessWebp(file));
  } finally {
    await file.close();
  }
  try {
    const metadata = await sharp(from, { ...INPUT, limitInputPixels: false }).metadata();
    if (isTooLarge(metadata)) return { outcome: 'too_many_pixels' };
    if (metadata.format !== FORMAT_NAMES[type] || (type === 'image/avif' && metadata.compression !== 'av1')) return { outcome: 'broken' };
    const { width, height } = await written(sharp(from, INPUT).toColourspace('srgb'), type, isLossless).toFile(to);
    return { outcome: 'kept', width, height, ...(await fingerprintOf(to)), ...(await placeholderOf(to)) };
  } catch (error) {
    // libvips' own words are about the file, which the sender knows.
    if (isDiskFault(error)) throw error;
    return { outcome: 'broken' };
  }
}

const isTooLarge = ({ width = 0, height = 0 }: Pick<Metadata, 'width' | 'height'>): boolean =>
  width * height > MAX_PIXELS || width > MAX_SIDE || height > MAX_SIDE;

function written(picture: Sharp, type: PictureType, isLossless: boolean): Sharp {
  switch (type) {
    case 'image/jpeg':
      return picture.jpeg({ quality: 90, chromaSubsampling: '4:2:0' });
    case 'image/png':
      return picture.png({ compressionLevel: 7 });
    case 'image/webp':
      return picture.webp({ quality: 90, lossless: isLossless, effort: 1 });
    case 'image/avif':
      return picture.avif({ quality: 65, effort: 0, chromaSubsampling: '4:2:0' });
  }
}

/** One preset of a kept picture. JPEG has no transparency, so it stands on white. */
async function render(from: string, to: string, preset: Preset, format: RenditionFormat): Promise<Rendered> {
  const { width, height } = await sharp(from).metadata();
  const { scaled, size } = fitOf(preset, { width, height });
  const picture = sharp(from, { limitInputPixels: MAX_PIXELS }).resize({ ...scaled, fit: 'fill' });
  const cropped = picture.extract({
    left: Math.floor((scaled.width - size.width) / 2),
    top: Math.floor((scaled.height - size.height) / 2),
    ...size,
  });
  const encoded = {
    jpeg: () => cropped.flatten({ background: WHITE }).jpeg({ quality: 80, mozjpeg: true }),
    webp: () => cropped.webp({ quality: 78, effort: 4 }),
    avif: () => cropped.avif({ quality: 52, effort: 3, chromaSubsampling: '4:2:0' }),
  }[format]();
  await encoded.toFile(to);
  return fingerprintOf(to);
}

async function fingerprintOf(path: string): Promise<Rendered> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { hash: hash.digest('hex'), size: (await stat(path)).size };
}

async function placeholderOf(path: string): Promise<{ color: string; blurhash: string }> {
  const { data, info } = await sharp(path, { limitInputPixels: MAX_PIXELS })
    .resize(PLACEHOLDER_SIDE, PLACEHOLDER_SIDE, { fit: 'inside' })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const sums = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4)
    for (const channel of [0, 1, 2]) sums[channel] = (sums[channel] ?? 0) + (data[at + channel] ?? 0);
  const hex = sums.map((sum) =>
    Math.round((4 * sum) / data.length)
      .toString(16)
      .padStart(2, '0'),
  );
  return { color: `#${hex.join('')}`, blurhash: blurhashOf(new Uint8ClampedArray(data), info.width, info.height, 4, 3) };
}

/** This process: what a decoded picture costs stays here. */
const about = (): { readonly pid: number; readonly rss: number } => ({ pid: process.pid, rss: process.memoryUsage.rss() });

workerpool.worker({ keep, render, about });
