import { operation } from '../contract.ts';
import { Flag, Label, ListOf, Means, Nullable, OneOf, Optional, Text, TextList, Uuid } from '../fields.ts';
import { ById, PageQuery } from '../page.ts';
import { PriceHistory, Repricing, StaffProductDetail, StaffProductPage, StockMovementPage } from './staff-views.ts';
import { Mrp, Price, SIZE_UNITS, SizeChart, SizeChartList, SizeRow, type SizeUnit } from './views.ts';

export const STAFF_STATES = ['published', 'draft'] as const;

export class StaffProductQuery extends PageQuery {
  @Means('Words of the name, the brand or the slug, or the beginning of a SKU.') @Optional() @Text(1, 100) q?: string;
  @Optional() @OneOf(STAFF_STATES) state?: string;
  @Means('Id; includes its descendants.') @Optional() @Uuid() category?: string;
}

export class PastOfVariant extends PageQuery {
  @Uuid() id!: string;
  @Uuid() variantId!: string;
}

export class NewPrice {
  @Means('Either this or `sku`.') @Optional() @Uuid() variantId?: string;
  @Optional() @Label(1, 64) sku?: string;
  @Means('The price that the change was reckoned from: another one now is an error of the row.') @Optional() @Price() from?: number;
  @Optional() @Price(100) price?: number;
  @Optional() @Mrp(100) mrp?: number;
}
export class Reprice {
  @Means('One for each variant.') @ListOf(() => NewPrice, 1, 500) changes!: NewPrice[];
  @Means('True: says what would be, and changes nothing.') @Flag() preview: boolean = false;
}

export class PutSizeChart {
  @Uuid() categoryId!: string;
  @Optional() @Nullable() @Label(1, 100) brand?: string | null;
  @OneOf(SIZE_UNITS) unit!: SizeUnit;
  @TextList(20, 1, 60) measures!: string[];
  @Means('Each with a value for every measure.') @ListOf(() => SizeRow, 1, 100) sizes!: SizeRow[];
  @Optional() @Nullable() @Text(1, 1000) note?: string | null;
}
export class SizeChartQuery {
  @Optional() @Uuid() categoryId?: string;
}

export const staffOperations = {
  staffList: operation({
    summary: 'Products as staff find them, drafts too, newest first',
    access: 'staff',
    http: 'GET /products/admin',
    in: StaffProductQuery,
    out: StaffProductPage,
  }),
  staffDetail: operation({
    summary: 'A product with its stock, as its editor shows it; drafts too',
    access: 'staff',
    http: 'GET /products/admin/:id',
    in: ById,
    out: StaffProductDetail,
  }),
  stockMovements: operation({
    summary: 'The stock book of a variant, newest first',
    access: 'staff',
    http: 'GET /products/:id/variants/:variantId/stock/movements',
    in: PastOfVariant,
    out: StockMovementPage,
  }),
  priceHistory: operation({
    summary: 'What a variant cost, newest first',
    access: 'staff',
    http: 'GET /products/:id/variants/:variantId/prices',
    in: PastOfVariant,
    out: PriceHistory,
  }),
  reprice: operation({
    summary: 'Change many prices: all of them, or none where a row is wrong',
    description: 'Prices are absolute, so that a repeat changes nothing.',
    access: 'admin',
    http: 'POST /products/prices',
    in: Reprice,
    out: Repricing,
    timeoutMs: 10_000,
  }),
  sizeCharts: operation({
    summary: 'The size charts, by category and brand',
    access: 'staff',
    http: 'GET /size-charts',
    in: SizeChartQuery,
    out: SizeChartList,
  }),
  putSizeChart: operation({
    summary: 'Set the size chart of a category, or of a brand in it',
    access: 'admin',
    http: 'PUT /size-charts',
    in: PutSizeChart,
    out: SizeChart,
  }),
  removeSizeChart: operation({ summary: 'Remove a size chart', access: 'admin', http: 'DELETE /size-charts/:id', in: ById }),
};
