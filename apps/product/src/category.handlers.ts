import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Call } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { productApi } from '#libs/contracts/product/api';
import type { EditCategory, NewCategory } from '#libs/contracts/product/categories';
import type { Category } from '#libs/contracts/product/views';
import { Database } from '#libs/persistence/database';
import { isForeignKeyViolation, isUniqueViolation } from '#libs/persistence/database-errors';
import { onceFor } from '#libs/persistence/idempotency';
import type { Transaction } from '#libs/persistence/transaction';
import { CatalogueChanges } from './catalogue-changes.ts';
import { trimmed } from './catalogue-input.ts';
import { CategoryRepository, type PlacedCategory } from './category.repository.ts';
import { categoryTree, slugsFor } from './product.ts';

/** Levels of the tree; a quote carries the whole ancestry. */
const MAX_DEPTH = 20;

const slugTaken = () => productApi.refuse('product.slug_taken', 'Another category has this slug');

/** The category tree, as an admin keeps it. */
@Injectable()
export class CategoryHandlers {
  constructor(
    private readonly database: Database,
    private readonly tree: CategoryRepository,
    private readonly changes: CatalogueChanges,
  ) {}

  async createCategory(input: NewCategory, call: Call): Promise<Category> {
    const { name } = trimmed(input, ['name']);
    return this.database.transaction(async (tx) => {
      const id = uuidv7();
      return onceFor(tx, call, id, { make: () => this.add(tx, id, { ...input, name }, call), read: (known) => this.read(tx, known) });
    });
  }

  async editCategory({ id, parentId, place, ...input }: EditCategory, call: Call): Promise<Category> {
    const { name } = trimmed(input, ['name']);
    try {
      return await this.database.transaction(async (tx) => {
        await this.tree.lockTree(tx);
        const category = await this.tree.find(tx, id);
        if (category === undefined) throw notFound();
        await this.tree.rename(tx, id, name ?? category.name, input.slug ?? category.slug);
        if (parentId !== undefined && parentId !== category.parentId) await this.move(tx, category, parentId);
        if (place !== undefined) await this.tree.placeAt(tx, id, place);
        this.changes.announceAfter(tx, []);
        this.changes.record(tx, call, 'category.edited', { categoryId: id });
        return this.read(tx, id);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'categories_slug')) throw slugTaken();
      throw error;
    }
  }

  async removeCategory({ id }: ById, call: Call): Promise<void> {
    try {
      await this.database.transaction(async (tx) => {
        await this.tree.lockTree(tx);
        if (!(await this.tree.remove(tx, id))) throw notFound();
        this.changes.announceAfter(tx, []);
        this.changes.record(tx, call, 'category.removed', { categoryId: id });
      });
    } catch (error) {
      if (isForeignKeyViolation(error))
        throw productApi.refuse('product.category_in_use', 'The category has products or categories below it');
      throw error;
    }
  }

  private async add(tx: Transaction, id: string, { name, slug, parentId = null }: NewCategory, call: Call): Promise<Category> {
    await this.tree.lockTree(tx);
    const parent = await this.parentOf(tx, parentId);
    requireDepth((parent?.path.length ?? 0) + 1);
    const place = { id, name, parentId: parent?.id ?? null, path: [...(parent?.path ?? []), id] };
    for (const candidate of slug === undefined ? slugsFor(name, id, 'category') : [slug]) {
      if (!(await this.tree.insert(tx, { ...place, slug: candidate }))) continue;
      this.changes.announceAfter(tx, []);
      this.changes.record(tx, call, 'category.created', { categoryId: id });
      return this.read(tx, id);
    }
    throw slugTaken();
  }

  private async move(tx: Transaction, category: PlacedCategory, parentId: string | null): Promise<void> {
    const parent = await this.parentOf(tx, parentId);
    if (parent?.path.includes(category.id) === true) throw productApi.refuse('product.category_cycle', 'A category cannot be below itself');
    requireDepth((parent?.path.length ?? 0) + (await this.tree.heightOf(tx, category)));
    await this.tree.move(tx, category, parent);
  }

  private async parentOf(tx: Transaction, id: string | null): Promise<PlacedCategory | undefined> {
    if (id === null) return undefined;
    const parent = await this.tree.find(tx, id);
    if (parent === undefined) throw invalid([{ path: 'parentId', message: 'is not a category' }]);
    return parent;
  }

  /** With all below it. */
  private async read(tx: Transaction, id: string): Promise<Category> {
    const found = findIn(categoryTree(await this.tree.all(tx)), id);
    if (found === undefined) throw notFound();
    return found;
  }
}

function requireDepth(levels: number): void {
  if (levels > MAX_DEPTH) throw invalid([{ path: 'parentId', message: `would make the tree deeper than ${MAX_DEPTH} levels` }]);
}

function findIn(categories: readonly Category[], id: string): Category | undefined {
  for (const category of categories) {
    const found = category.id === id ? category : findIn(category.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}
