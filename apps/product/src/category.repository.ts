import { Injectable } from '@nestjs/common';
import { Database } from '#libs/persistence/database';
import type { Queries } from '#libs/persistence/queries';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import type { CategoryRow } from './product.ts';

/** Any number; edits of the tree take turns, because two moves that are each fine can close a circle together. */
const TREE_LOCK = 4_202_200_101;

export interface PlacedCategory extends CategoryRow {
  /** Ids from the root down to itself. */
  readonly path: readonly string[];
}

@Injectable()
export class CategoryRepository {
  constructor(private readonly database: Database) {}

  /** The whole tree, in one statement. */
  all(queries: Queries = this.database): Promise<CategoryRow[]> {
    return queries.rows<CategoryRow>(
      sql`SELECT id, name, slug, parent_id AS "parentId" FROM categories ORDER BY place NULLS LAST, name, id`,
    );
  }

  async lockTree(tx: Transaction): Promise<void> {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${TREE_LOCK}::bigint)`);
  }

  find(tx: Transaction, id: string): Promise<PlacedCategory | undefined> {
    return tx.row<PlacedCategory>(sql`SELECT id, name, slug, parent_id AS "parentId", path FROM categories WHERE id = ${id}`);
  }

  /** False when the slug is taken. */
  async insert(tx: Transaction, { id, name, slug, parentId, path }: PlacedCategory): Promise<boolean> {
    const inserted = await tx.execute(sql`
      INSERT INTO categories (id, name, slug, parent_id, path) VALUES (${id}, ${name}, ${slug}, ${parentId}, ${path}::uuid[])
      ON CONFLICT (slug) DO NOTHING`);
    return inserted === 1;
  }

  /** @throws a unique violation of `categories_slug`. */
  async rename(tx: Transaction, id: string, name: string, slug: string): Promise<void> {
    await tx.execute(sql`UPDATE categories SET name = ${name}, slug = ${slug} WHERE id = ${id}`);
  }

  /** How many levels the longest branch has, the category itself included. */
  async heightOf(tx: Transaction, { id, path }: PlacedCategory): Promise<number> {
    const row = await tx.row<{ deepest: number }>(
      sql`SELECT max(cardinality(path)) AS deepest FROM categories WHERE path @> ARRAY[${id}::uuid]`,
    );
    return (row?.deepest ?? path.length) - path.length + 1;
  }

  /** Hangs the category and all below it under another parent. */
  async move(tx: Transaction, { id, path }: PlacedCategory, parent: PlacedCategory | undefined): Promise<void> {
    await tx.execute(sql`
      UPDATE categories SET path = ${parent?.path ?? []}::uuid[] || path[${path.length}::int:],
        parent_id = CASE WHEN id = ${id}::uuid THEN ${parent?.id ?? null}::uuid ELSE parent_id END,
        place = CASE WHEN id = ${id}::uuid THEN NULL ELSE place END
      WHERE path @> ARRAY[${id}::uuid]`);
  }

  /** Puts the category at this place among those of its parent, behind the last where there are fewer; the others keep their order. */
  async placeAt(tx: Transaction, id: string, place: number): Promise<void> {
    await tx.execute(sql`
      UPDATE categories c SET place = ranked.place FROM (
        SELECT others.id, row_number() OVER (ORDER BY others.place NULLS LAST, others.name, others.id) - 1
          + CASE WHEN row_number() OVER (ORDER BY others.place NULLS LAST, others.name, others.id) > ${place}::int THEN 1 ELSE 0 END AS place
        FROM categories moved JOIN categories others ON others.parent_id IS NOT DISTINCT FROM moved.parent_id AND others.id <> moved.id
        WHERE moved.id = ${id}::uuid
        UNION ALL
        SELECT moved.id, least(${place}::int, (
          SELECT count(*) FROM categories others WHERE others.parent_id IS NOT DISTINCT FROM moved.parent_id AND others.id <> moved.id))
        FROM categories moved WHERE moved.id = ${id}::uuid) AS ranked
      WHERE c.id = ranked.id`);
  }

  /** Withdrawn products do not keep a category alive. @throws a foreign key violation while it has children or products. */
  async remove(tx: Transaction, id: string): Promise<boolean> {
    await tx.execute(sql`UPDATE products SET category_id = NULL WHERE category_id = ${id} AND withdrawn_at IS NOT NULL`);
    return (await tx.execute(sql`DELETE FROM categories WHERE id = ${id}`)) === 1;
  }
}
