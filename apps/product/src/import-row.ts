import { invalid } from '#libs/contracts/errors';
import { Attributes, Flag, Label, Optional, Pattern, Text, TextList, Whole, Words } from '#libs/contracts/fields';
import { PICTURE_ADDRESS } from '#libs/contracts/product/admin';
import { CSV_COLUMNS } from '#libs/contracts/product/imports';
import { Mrp, Price } from '#libs/contracts/product/views';
import { parseJson, readInput } from '#libs/contracts/shape';
import { trimmed } from './catalogue-input.ts';

export type Column = (typeof CSV_COLUMNS)[number];

/** What a row says; what it leaves empty stays as it is. */
export class ImportRow {
  @Optional()
  @Pattern(/^(?=.{1,200}$)[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
  slug?: string;
  @Optional() @Words(1, 200) name?: string;
  @Optional() @Text(0, 5000) description?: string;
  @Optional() @Label(1, 100) brand?: string;
  @Optional() @Text(1, 100) category?: string;
  @Optional() @Pattern(/^\d{2,8}$/, 'must be 2 to 8 digits') hsn?: string;
  @Optional() @Words(2, 60) countryOfOrigin?: string;
  @Optional() @Attributes() attributes?: Record<string, string>;
  @Optional() @TextList(20, 1, 500) images?: string[];
  @Optional() @Flag() published?: boolean;
  @Optional() @Label(1, 64) sku?: string;
  @Optional() @Label(1, 30) size?: string;
  @Optional() @Label(1, 60) color?: string;
  @Optional() @Price(100) price?: number;
  @Optional() @Mrp(100) mrp?: number;
  @Optional() @Whole(0, 10_000_000) stock?: number;
}

/** Names that spreadsheets of other shops have for the same. */
const ALSO: Readonly<Record<string, Column>> = {
  handle: 'slug',
  title: 'name',
  productname: 'name',
  vendor: 'brand',
  categoryid: 'category',
  categoryslug: 'category',
  hsncode: 'hsn',
  country: 'countryOfOrigin',
  image: 'images',
  imageurl: 'images',
  colour: 'color',
  onhand: 'stock',
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
const COLUMNS = new Map<string, Column>([...CSV_COLUMNS.map((name): [string, Column] => [plain(name), name]), ...Object.entries(ALSO)]);

/** The columns that the head of the file names. @throws Refusal `validation_failed` */
export function columnsOf(head: readonly string[]): Column[] {
  const columns = head.map((name) => {
    const column = COLUMNS.get(plain(name));
    if (column === undefined) throw invalid([{ path: 'columns', message: `${name.slice(0, 60)} is not a column`, allowed: CSV_COLUMNS }]);
    return column;
  });
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw invalid([{ path: 'columns', message: `${twice} stands twice` }]);
  if (!columns.includes('sku') && !columns.includes('name') && !columns.includes('slug'))
    throw invalid([{ path: 'columns', message: 'must have sku, slug or name, so that a row says what it is about' }]);
  return columns;
}

/** @throws Refusal `validation_failed` for cells that are not what their columns take. */
export function rowOf(columns: readonly Column[], cells: readonly string[]): ImportRow {
  if (cells.length > columns.length) throw invalid([{ path: '', message: 'has more cells than the head' }]);
  const given: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const text = (cells[index] ?? '').toWellFormed();
    // A description is kept as it is written, as from an editor.
    if (text.trim() !== '') given[column] = valueIn(column, column === 'description' ? text : text.trim());
  }
  const row = readInput(ImportRow, given);
  const wrong = (row.images ?? []).find((url) => !PICTURE_ADDRESS.test(url));
  if (wrong !== undefined)
    throw invalid([{ path: 'images', message: 'must be absolute https addresses or paths of this shop, divided by |' }]);
  return Object.assign(row, trimmed(row, ['name', 'brand', 'sku', 'size', 'color']));
}

function valueIn(column: Column, text: string): unknown {
  switch (column) {
    case 'price':
    case 'mrp':
    case 'stock':
      return /^\d{1,15}$/.test(text) ? Number(text) : text;
    case 'published':
      return flagOf(text.toLowerCase());
    case 'images':
      return text.split('|').flatMap((address) => address.trim() || []);
    case 'attributes':
      return jsonOf(text);
    default:
      return text;
  }
}

const flagOf = (text: string): boolean | string =>
  ['true', 'yes', '1'].includes(text) ? true : ['false', 'no', '0'].includes(text) ? false : text;

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
