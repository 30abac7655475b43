import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { PutSizeChart } from '#libs/contracts/product/staff';
import type { SizeChart } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import { type Sql, sql, when } from '#libs/persistence/sql';
import { jsonText } from './product.ts';

const COLUMNS = sql`id, category_id AS "categoryId", brand, unit, measures, sizes, note`;

/** The chart for a product of this brand in a category with this path, as JSON: a brand's own goes before those for all, the nearest before those above. */
export const chartFor = (path: Sql, brand: Sql): Sql => sql`
  SELECT json_build_object('id', chart.id, 'categoryId', chart.category_id, 'brand', chart.brand, 'unit', chart.unit, 'measures', chart.measures,
    'sizes', chart.sizes, 'note', chart.note)
  FROM size_charts chart
  WHERE chart.category_id = ANY(${path}) AND coalesce(lower(chart.brand), '') IN ('', lower(${brand}))
  ORDER BY chart.brand IS NULL, array_position(${path}, chart.category_id) DESC LIMIT 1`;

@Injectable()
export class SizeChartRepository {
  constructor(private readonly database: Database) {}

  all(categoryId: string | undefined): Promise<SizeChart[]> {
    return this.database.rows<SizeChart>(sql`
      SELECT ${COLUMNS} FROM size_charts ${when(categoryId !== undefined, () => sql`WHERE category_id = ${categoryId}`)}
      ORDER BY category_id, lower(brand) NULLS FIRST`);
  }

  /** One for each category and brand: the last one stands. @throws a foreign key violation where there is no such category. */
  async put({ categoryId, brand = null, unit, measures, sizes, note = null }: PutSizeChart): Promise<SizeChart> {
    const row = await this.database.row<SizeChart>(sql`
      INSERT INTO size_charts (id, category_id, brand, unit, measures, sizes, note)
      VALUES (${uuidv7()}, ${categoryId}, ${brand}, ${unit}, ${measures}::text[], ${jsonText(sizes)}::jsonb, ${note})
      ON CONFLICT (category_id, (coalesce(lower(brand), ''))) DO UPDATE SET brand = excluded.brand, unit = excluded.unit,
        measures = excluded.measures, sizes = excluded.sizes, note = excluded.note, updated_at = now()
      RETURNING ${COLUMNS}`);
    return row as SizeChart;
  }

  async remove(id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM size_charts WHERE id = ${id}`)) === 1;
  }
}
