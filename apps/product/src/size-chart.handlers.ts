import { Injectable } from '@nestjs/common';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import type { PutSizeChart, SizeChartQuery } from '#libs/contracts/product/staff';
import type { SizeChart, SizeChartList } from '#libs/contracts/product/views';
import { isForeignKeyViolation } from '#libs/persistence/database-errors';
import { CatalogueChanges } from './catalogue-changes.ts';
import { trimmed } from './catalogue-input.ts';
import { SizeChartRepository } from './size-chart.repository.ts';

/** Size charts, as staff keep them; customers see them on the pages of products. */
@Injectable()
export class SizeChartHandlers {
  constructor(
    private readonly charts: SizeChartRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  async sizeCharts({ categoryId }: SizeChartQuery): Promise<SizeChartList> {
    return { items: await this.charts.all(categoryId) };
  }

  async putSizeChart(input: PutSizeChart): Promise<SizeChart> {
    const errors = input.sizes.flatMap(({ values }, index) =>
      values.length === input.measures.length ? [] : [{ path: `sizes.${index}.values`, message: 'must have a value for each measure' }],
    );
    if (input.measures.length === 0) errors.push({ path: 'measures', message: 'must name what is measured' });
    if (errors.length > 0) throw invalid(errors);
    try {
      const chart = await this.charts.put({ ...input, ...(input.brand == null ? {} : trimmed({ brand: input.brand }, ['brand'])) });
      await this.changes.announce([]);
      return chart;
    } catch (error) {
      if (isForeignKeyViolation(error)) throw invalid([{ path: 'categoryId', message: 'is not a category' }]);
      throw error;
    }
  }

  async removeSizeChart({ id }: ById): Promise<void> {
    if (!(await this.charts.remove(id))) throw notFound();
    await this.changes.announce([]);
  }
}
