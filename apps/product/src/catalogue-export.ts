import { Injectable } from '@nestjs/common';
import { CSV_COLUMNS } from '#libs/contracts/product/imports';
import { csvLine } from './csv.ts';
import { ExportRepository, type ExportRow } from './export.repository.ts';

const AT_ONCE = 500;

/** The catalogue as a file that the import takes back. */
@Injectable()
export class CatalogueExport {
  constructor(private readonly rows: ExportRepository) {}

  /** A head, then rows as they are read. What a product is stands in its first row, so that it is changed in one place. */
  async *lines(): AsyncGenerator<string> {
    yield csvLine(CSV_COLUMNS);
    let last: ExportRow | undefined;
    for (;;) {
      const rows = await this.rows.page(last, AT_ONCE);
      let text = '';
      for (const row of rows) {
        text += csvLine(cellsOf(row, row.productId !== last?.productId));
        last = row;
      }
      if (text !== '') yield text;
      if (rows.length < AT_ONCE) return;
    }
  }
}

function cellsOf(row: ExportRow, isFirst: boolean): string[] {
  const text = (value: string | number | null): string => (value === null ? '' : String(value));
  const { description, brand, category, hsn, countryOfOrigin, attributes, images, published } = row;
  const product = isFirst
    ? [
        ...[row.name, description, brand, category, text(hsn), text(countryOfOrigin)],
        ...[
          Object.keys(attributes).length === 0 ? '' : JSON.stringify(attributes),
          images.map(({ url }) => url).join('|'),
          String(published),
        ],
      ]
    : Array<string>(9).fill('');
  return [row.slug, ...product, text(row.sku), text(row.size), text(row.color), text(row.price), text(row.mrp), text(row.stock)];
}
