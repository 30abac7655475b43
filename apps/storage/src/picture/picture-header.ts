import type { FileHandle } from 'node:fs/promises';
import type { Size } from './presets.ts';

/** Markers and chunks before the one with the size; a picture has some dozens. */
const MAX_STEPS = 2_000;

/**
 * The size that a picture's header declares, before anything decodes it; undefined where there is none. AVIF keeps it deep in boxes, which the
 * decoder's own reading of the header finds without decoding.
 */
export function declaredSize(file: FileHandle, type: 'image/jpeg' | 'image/png' | 'image/webp'): Promise<Size | undefined> {
  if (type === 'image/png') return pngSize(file);
  return type === 'image/jpeg' ? jpegSize(file) : webpSize(file);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function pngSize(file: FileHandle): Promise<Size | undefined> {
  const head = await read(file, 0, 24);
  if (head.length < 24 || head.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

/** The largest of its frame headers, for a decoder may read any of them. */
async function jpegSize(file: FileHandle): Promise<Size | undefined> {
  let position = 2;
  let largest: Size | undefined;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const head = await read(file, position, 9);
    if (head.length < 4 || head[0] !== 0xff) return largest;
    const marker = head[1] ?? 0;
    // Fill bytes, and markers without a length.
    if (marker === 0xff) position += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) position += 2;
    else if (marker === 0xd9 || marker === 0xda) return largest;
    else {
      if (isFrame(marker) && head.length === 9) {
        const size = { height: head.readUInt16BE(5), width: head.readUInt16BE(7) };
        if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
      }
      position += 2 + head.readUInt16BE(2);
    }
  }
  return largest;
}

/** SOF0 to SOF15, of which three numbers mean something else. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** An extended file declares a canvas, and its frames are pictures of their own. */
async function webpSize(file: FileHandle): Promise<Size | undefined> {
  const head = await read(file, 12, 18);
  const kind = head.toString('latin1', 0, 4);
  if (head.length < 18) return undefined;
  if (kind === 'VP8X') return { width: head.readUIntLE(12, 3) + 1, height: head.readUIntLE(15, 3) + 1 };
  if (kind === 'VP8 ') return { width: head.readUInt16LE(14) & 0x3fff, height: head.readUInt16LE(16) & 0x3fff };
  if (kind !== 'VP8L') return undefined;
  const bits = head.readUInt32LE(9);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** Whether a WebP is kept without loss; a photograph re-encoded so would grow tenfold. */
export async function isLosslessWebp(file: FileHandle): Promise<boolean> {
  const head = await read(file, 12, 65_536);
  const at = head.indexOf('VP8L', 0, 'latin1');
  const lossy = head.indexOf('VP8 ', 0, 'latin1');
  return at >= 0 && (lossy < 0 || at < lossy);
}
