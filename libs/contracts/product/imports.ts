import { operation } from '../contract.ts';
import { Flag, Means } from '../fields.ts';
import { ById, Nothing } from '../page.ts';
import { ImportProgress, ImportRef } from './staff-views.ts';

export const MAX_IMPORT_BYTES = 20 * 1_048_576;
export const MAX_IMPORT_ROWS = 50_000;

/** The columns of an import and of the export, in the order of the export. */
export const CSV_COLUMNS = [
  ...['slug', 'name', 'description', 'brand', 'category', 'hsn', 'countryOfOrigin', 'attributes', 'images', 'published'],
  ...['sku', 'size', 'color', 'price', 'mrp', 'stock'],
] as const;

export class ImportOptions {
  @Means('True: says what would be, and changes nothing.') @Flag() dryRun: boolean = false;
}

const COLUMNS = `Columns, in any order: ${CSV_COLUMNS.map((name) => `\`${name}\``).join(', ')}. A row is a variant and its product.`;

export const importOperations = {
  importCatalogue: operation({
    summary: 'Import products and variants from CSV',
    description: `${COLUMNS} A variant is found by its SKU, a product by its slug, else by name and brand; what is not found is made. An empty cell leaves what is there. Prices are in paise, \`category\` is a slug or an id, \`attributes\` is JSON, \`images\` are addresses divided by \`|\`, \`stock\` counts for new variants only. The same file again changes nothing.`,
    access: 'admin',
    http: 'POST /products/import',
    in: ImportOptions,
    out: ImportRef,
    status: 202,
    upload: { as: 'text', mime: 'text/csv', maxBytes: MAX_IMPORT_BYTES },
    timeoutMs: 30_000,
  }),
  importProgress: operation({
    summary: 'How far an import has come, and which of its rows are wrong',
    access: 'admin',
    http: 'GET /products/import/:id',
    in: ById,
    out: ImportProgress,
  }),
  exportCatalogue: operation({
    summary: 'All products and variants as CSV, drafts too',
    description: `As the import takes it: a spreadsheet may open it, change it, and save it.`,
    access: 'admin',
    http: 'GET /products/export',
    in: Nothing,
    bytes: true,
    timeoutMs: 30_000,
  }),
};
