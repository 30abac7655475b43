import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Known } from '#libs/runtime/seed';
import { nameKeyOf } from '../src/wishlist.ts';

const WISHER = 'asha@only2u.test';
const LISTS = [
  { name: 'Wishlist', isDefault: true, from: 0, to: 3 },
  { name: 'Wedding', isDefault: false, from: 2, to: 5 },
] as const;

/** What a customer of the demo shop wishes for; one who has lists keeps them as they are. */
export async function seed(database: Database, _env: NodeJS.ProcessEnv, { people, goods }: Known): Promise<{ summary: string[] }> {
  const userId = people.get(WISHER);
  if (userId === undefined || goods.length === 0) return { summary: [] };
  return database.transaction(async (transaction) => {
    const isNew = await transaction.execute(sql`INSERT INTO wishers (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`);
    if (isNew === 0) return { summary: ['wishes were there'] };
    for (const [position, { name, isDefault, from, to }] of LISTS.entries()) {
      const id = uuidv7();
      await transaction.execute(sql`
        INSERT INTO collections (id, user_id, name, name_key, is_default, privacy, position)
        VALUES (${id}, ${userId}, ${name}, ${nameKeyOf(name)}, ${isDefault}, 'private', ${position})`);
      for (const one of goods.slice(from, to))
        await transaction.execute(sql`
          INSERT INTO entries (id, collection_id, user_id, product_id, added_price, name, slug, image)
          VALUES (${uuidv7()}, ${id}, ${userId}, ${one.id}, ${one.price}, ${one.name}, ${one.slug}, ${one.image})`);
    }
    return { summary: ['wishes added'] };
  });
}
