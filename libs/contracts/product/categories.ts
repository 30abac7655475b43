import { operation } from '../contract.ts';
import { Means, Nullable, Optional, Pattern, Text, Uuid, Whole, Words } from '../fields.ts';
import { ById } from '../page.ts';
import { Category } from './views.ts';

/** Lower-case words joined by hyphens, at most 100 characters, and no id: a category is found by either. */
const Slug = (): PropertyDecorator => (target, property) => {
  Text(1, 100)(target, property);
  Pattern(
    /^(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be lower-case words joined by hyphens, and no id',
  )(target, property);
};

export class NewCategory {
  @Words(1, 100) name!: string;
  @Optional() @Slug() slug?: string;
  @Optional() @Nullable() @Uuid() parentId?: string | null;
}
export class EditCategory {
  @Uuid() id!: string;
  @Optional() @Words(1, 100) name?: string;
  @Optional() @Slug() slug?: string;
  @Optional() @Nullable() @Uuid() parentId?: string | null;
  @Means('Its place among the categories of its parent, from 0. Those that were never placed follow by name.')
  @Optional()
  @Whole(0, 10_000)
  place?: number;
}

export const categoryOperations = {
  createCategory: operation({
    summary: 'Add a category',
    access: 'admin',
    http: 'POST /categories',
    in: NewCategory,
    out: Category,
    status: 201,
    errors: { 'product.slug_taken': 'conflict' },
  }),
  editCategory: operation({
    summary: 'Rename or move a category',
    access: 'admin',
    http: 'PATCH /categories/:id',
    in: EditCategory,
    out: Category,
    errors: { 'product.slug_taken': 'conflict', 'product.category_cycle': 'conflict' },
  }),
  removeCategory: operation({
    summary: 'Remove an unused category',
    access: 'admin',
    http: 'DELETE /categories/:id',
    in: ById,
    errors: { 'product.category_in_use': 'conflict' },
  }),
};
