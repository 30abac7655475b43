import { isUtf8 } from 'node:buffer';
import type { FileType } from '#libs/contracts/storage/views';

/** Enough of a file's beginning to know what it is. */
export const HEAD_BYTES = 4_096;
export const MAX_TEXT_BYTES = 1_048_576;

/** What the bytes begin like; `text` still has to be read whole, `other` is what we do not store. */
export type Sniffed = Exclude<FileType, 'text/plain' | 'text/csv'> | 'text' | 'other';

/** Beginnings of other formats that would pass for text. */
const WRITTEN_FORMATS = /^\uFEFF?\s*(?:GIF8[79]a|%!PS|\{\\rtf|#!|RIFF[\s\S]{4}(?:WAVE|AVI |WEBP))/u;
/** C0 but tabs and line ends, DEL, and C1. */
const CONTROL = /[\p{Cc}--[\t\n\r]]/v;
/** What begins a tag, a comment, a declaration or an instruction of HTML or XML. */
const TAG = /<[a-z!?/]/iu;

/** By the bytes alone: neither the name nor the declared type counts. */
export function sniff(head: Buffer): Sniffed {
  const ascii = (start: number, end: number): string => head.toString('latin1', start, end);
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'image/jpeg';
  if (head.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))) return 'image/png';
  if (ascii(0, 4) === 'RIFF' && ascii(8, 12) === 'WEBP') return 'image/webp';
  if (ascii(4, 8) === 'ftyp') return isAvif(head) ? 'image/avif' : 'other';
  if (ascii(0, 5) === '%PDF-') return 'application/pdf';
  return head.some(isControlByte) ? 'other' : 'text';
}

const isControlByte = (byte: number): boolean => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f;

/** A box of brands; a HEIC says `heic` or `mif1` without `avif`. */
function isAvif(head: Buffer): boolean {
  const size = Math.min(head.readUInt32BE(0), head.length);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= size; at += 4) if (at !== 12) brands.push(head.toString('latin1', at, at + 4));
  return brands.includes('avif') || brands.includes('avis');
}

/** Whether text, or the beginning of it, is of a format that is more than text. */
export const isWrittenFormat = (text: string): boolean => TAG.test(text) || WRITTEN_FORMATS.test(text);

/** Whether all of it is text that no browser or reader takes for something else. */
export function isPlainText(bytes: Buffer): boolean {
  if (!isUtf8(bytes)) return false;
  const text = bytes.toString();
  return !CONTROL.test(text) && !isWrittenFormat(text);
}

/** Cut off when its end is missing; what stands behind the end is of no use, and little. */
export const hasPdfEnd = (tail: Buffer): boolean => tail.includes('%%EOF');
export const PDF_TAIL_BYTES = 2_048;
