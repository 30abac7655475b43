import { Injectable } from '@nestjs/common';
import { notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import type { PastOfVariant, StaffProductQuery } from '#libs/contracts/product/staff';
import type { PriceHistory, StaffProductDetail, StaffProductPage, StockMovementPage } from '#libs/contracts/product/staff-views';
import { PriceHistoryRepository } from './price-history.repository.ts';
import { StaffRepository } from './staff.repository.ts';

/** What staff read of the catalogue. */
@Injectable()
export class StaffHandlers {
  constructor(
    private readonly rows: StaffRepository,
    private readonly prices: PriceHistoryRepository,
  ) {}

  staffList(query: StaffProductQuery): Promise<StaffProductPage> {
    return this.rows.page(query);
  }

  async staffDetail({ id }: ById): Promise<StaffProductDetail> {
    return known(await this.rows.find(id));
  }

  async stockMovements(variant: PastOfVariant): Promise<StockMovementPage> {
    return known(await this.rows.movements(variant));
  }

  async priceHistory(variant: PastOfVariant): Promise<PriceHistory> {
    return known(await this.prices.page(variant));
  }
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw notFound();
  return found;
}
