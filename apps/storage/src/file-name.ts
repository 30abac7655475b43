import type { FileType } from '#libs/contracts/storage/views';

const MAX_LENGTH = 200;
/** The first is the one that a name gets. */
const EXTENSIONS: Readonly<Record<FileType, readonly [string, ...string[]]>> = {
  'image/jpeg': ['jpg', 'jpeg'],
  'image/png': ['png'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'application/pdf': ['pdf'],
  'text/plain': ['txt'],
  'text/csv': ['csv'],
};
/** Control characters, and those that turn the direction of what follows, so that `gpj.exe` reads as a picture. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** ZWJ and ZWNJ belong to words. */
const JOINERS = /[\u200c\u200d]/u;

/** What a file is called: the last segment of what was given, without what nobody sees, and with the extension of what it is. */
export function nameOf(given: string, type: FileType): string {
  const segment = given.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const clean = segment
    .replace(UNSEEN, (sign) => (JOINERS.test(sign) ? sign : ''))
    .normalize('NFC')
    .trim();
  const extensions = EXTENSIONS[type];
  const [, stem = clean, extension = ''] = /^(.+)\.([A-Za-z0-9]{1,8})$/u.exec(clean) ?? [];
  const isTrue = extensions.includes(extension.toLowerCase());
  const ending = `.${isTrue ? extension : extensions[0]}`;
  const words = stem.replace(/^\.+/, '').trim();
  return `${[...(words === '' ? 'file' : words)].slice(0, MAX_LENGTH - ending.length).join('')}${ending}`;
}

export const isCsvName = (given: string): boolean => /\.csv\s*$/i.test(given);
/** The extension of a stored object, which says what it is to whoever looks into the store. */
export const extensionOf = (type: FileType): string => EXTENSIONS[type][0];
