import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns that filters read and that no sort needs: with them a list is filtered and counted in the index, without visiting rows. */
const FILTERED = 'price, highest_price, in_stock, rating_average, brand';

/** Pages and totals cost what they show, not what the catalogue holds: an index for each sort within a category and across all. */
export class ListsByIndex1764100500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const name of ['newest', 'price', 'popular', 'rating', 'price_range', 'brand', 'terms'])
      await runner.query(`DROP INDEX products_${name}`);
    // One term now says size and colour together, and whether that variant is in stock (+) or out of it (-).
    await runner.query(`
      UPDATE products p SET terms = now_live.terms || CASE WHEN p.in_stock THEN '{}' ELSE ARRAY['out'] END
        || CASE WHEN now_live.has_gaps THEN ARRAY['some-out'] ELSE '{}' END
      FROM (
        SELECT v.product_id, array_agg(DISTINCT mark.mark || plain.term) AS terms, bool_or(s.on_hand <= s.reserved) AS has_gaps
        FROM variants v JOIN stock s ON s.variant_id = v.id
        CROSS JOIN LATERAL (VALUES (''), (CASE WHEN s.on_hand > s.reserved THEN '+' ELSE '-' END)) AS mark (mark)
        CROSS JOIN LATERAL (VALUES ('size:' || lower(v.size)), ('color:' || lower(v.color)),
          ('both:' || length(lower(v.size)) || ':' || lower(v.size) || lower(v.color))) AS plain (term)
        WHERE v.withdrawn_at IS NULL GROUP BY v.product_id) AS now_live
      WHERE now_live.product_id = p.id`);
    const sorts = { newest: 'created_at', price: 'price', popular: 'units_sold', rating: 'rating_average' };
    for (const [name, column] of Object.entries(sorts)) {
      const included = FILTERED.split(', ')
        .filter((filtered) => filtered !== column)
        .join(', ');
      await runner.query(`CREATE INDEX products_${name} ON products (${column}, id) INCLUDE (category_id, ${included}) WHERE listed`);
      await runner.query(
        `CREATE INDEX products_category_${name} ON products (category_id, ${column}, id) INCLUDE (${included}) WHERE listed`,
      );
    }
    // What begins below a price and ends above it: few, and only among products whose variants differ in price.
    await runner.query(`
      CREATE INDEX products_price_range ON products USING gist (int8range(price, highest_price, '[]')) WHERE listed AND highest_price > price`);
    await runner.query(`
      CREATE INDEX products_brand ON products (lower(brand), category_id)
      INCLUDE (id, brand, price, highest_price, in_stock, rating_average) WHERE listed`);
    // Every read goes through the list of pending entries, so it stays short (kB). Of all products: the planner combines no two indexes that
    // are limited to the same rows, and this one is there to be combined.
    await runner.query('CREATE INDEX products_terms ON products USING gin (terms) WITH (gin_pending_list_limit = 256)');
    // Index-only reads need the visibility map, which only a vacuum writes; by default a fifth of the rows would have to change first.
    await runner.query(
      'ALTER TABLE products SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE products RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)',
    );
    for (const name of ['newest', 'price', 'popular', 'rating'])
      await runner.query(`DROP INDEX products_${name}, products_category_${name}`);
    await runner.query('DROP INDEX products_price_range, products_brand, products_terms');
    await runner.query('CREATE INDEX products_newest ON products (created_at, id) WHERE listed');
    await runner.query('CREATE INDEX products_price ON products (price, id) WHERE listed');
    await runner.query('CREATE INDEX products_popular ON products (units_sold, id) WHERE listed');
    await runner.query('CREATE INDEX products_rating ON products (rating_average, id) WHERE listed');
    await runner.query('CREATE INDEX products_terms ON products USING gin (terms) WHERE listed');
    await runner.query("CREATE INDEX products_price_range ON products USING gist (int8range(price, highest_price, '[]')) WHERE listed");
    await runner.query('CREATE INDEX products_brand ON products (lower(brand)) WHERE listed');
  }
}
