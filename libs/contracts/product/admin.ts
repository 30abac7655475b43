import { operation } from '../contract.ts';
import { Attributes, Flag, Label, ListOf, Means, Optional, Pattern, Text, Uuid, Words } from '../fields.ts';
import { ById } from '../page.ts';
import { MissingForSale } from './staff-views.ts';
import { Mrp, Price, ProductDetail } from './views.ts';

/** `.` and `..` between slashes, however often they are encoded: they would name another place than the one that is read. */
const DOT_SEGMENT = /[^?#]*(?:\/|%(?:25)*(?:2[Ff]|5[Cc]))(?:\.|%(?:25)*2[Ee]){1,2}(?:[/?#]|%(?:25)*(?:2[Ff]|5[Cc])|$)/u;
const WITH_HTTPS = /[Hh][Tt]{2}[Pp][Ss]:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?][^\p{C}\s\\<>"'`]*)?/u;
const PATH_HERE = /\/(?![/\\])[^\p{C}\s\\<>"'`]*/u;
/** An absolute https address, or a path of this shop; not `//host`, and nothing that could end an attribute. */
export const PICTURE_ADDRESS = new RegExp(`^(?!${DOT_SEGMENT.source})(?:${WITH_HTTPS.source}|${PATH_HERE.source})$`, 'u');

export class NewPicture {
  @Means('An own file of purpose `product`; either this or `url`.') @Optional() @Uuid() fileId?: string;
  @Optional() @Text(1, 500) @Pattern(PICTURE_ADDRESS, 'must be an absolute https address or a path of this shop') url?: string;
  @Means('What the picture shows, for who cannot see it.') @Text(0, 200) alt!: string;
  @Means('The colour that it shows; the pictures of a colour are those of its variants.') @Optional() @Label(1, 60) color?: string;
}

export class NewVariant {
  @Optional() @Label(1, 64) sku?: string;
  @Label(1, 30) size!: string;
  @Label(1, 60) color!: string;
  @Price(100) price!: number;
  @Mrp(100) mrp!: number;
}

export class NewProduct {
  @Words(1, 200) name!: string;
  @Text(0, 5000) description: string = '';
  @Label(1, 100) brand!: string;
  @Uuid() categoryId!: string;
  @ListOf(() => NewPicture, 0, 20) images: NewPicture[] = [];
  @Attributes() attributes: Record<string, string> = {};
  @Optional() @Pattern(/^\d{2,8}$/, 'must be 2 to 8 digits') hsn?: string;
  @Optional() @Words(2, 60) countryOfOrigin?: string;
  @ListOf(() => NewVariant, 0, 1000) variants: NewVariant[] = [];
  @Means('False: a draft, which only staff see. True: refused while something is missing. Absent: customers see it as it is.')
  @Optional()
  @Flag()
  published?: boolean;
}

export class EditProduct {
  @Uuid() id!: string;
  @Optional() @Words(1, 200) name?: string;
  @Optional() @Text(0, 5000) description?: string;
  @Optional() @Label(1, 100) brand?: string;
  @Optional() @Uuid() categoryId?: string;
  @Optional() @ListOf(() => NewPicture, 0, 20) images?: NewPicture[];
  @Optional() @Attributes() attributes?: Record<string, string>;
  @Optional() @Pattern(/^\d{2,8}$/, 'must be 2 to 8 digits') hsn?: string;
  @Optional() @Words(2, 60) countryOfOrigin?: string;
  @Means('Publishing a draft is refused while something is missing.') @Optional() @Flag() published?: boolean;
}

export class AddVariant extends NewVariant {
  @Uuid() id!: string;
}

export class VariantRef {
  @Uuid() id!: string;
  @Uuid() variantId!: string;
}

export class EditVariant extends VariantRef {
  @Optional() @Label(1, 64) sku?: string;
  @Optional() @Label(1, 30) size?: string;
  @Optional() @Label(1, 60) color?: string;
  @Optional() @Price(100) price?: number;
  @Optional() @Mrp(100) mrp?: number;
}

const TAKEN = { 'product.sku_taken': 'conflict', 'product.option_taken': 'conflict', 'product.price_above_mrp': 'bad_request' } as const;

const INCOMPLETE = { 'product.incomplete': { kind: 'conflict', fields: MissingForSale } } as const;

export const adminOperations = {
  create: operation({
    summary: 'Add a product',
    access: 'admin',
    http: 'POST /products',
    in: NewProduct,
    out: ProductDetail,
    status: 201,
    errors: { ...TAKEN, ...INCOMPLETE },
  }),
  edit: operation({
    summary: 'Change a product, publish it, or make a draft of it',
    access: 'admin',
    http: 'PATCH /products/:id',
    in: EditProduct,
    out: ProductDetail,
    errors: INCOMPLETE,
  }),
  remove: operation({ summary: 'Withdraw a product', access: 'admin', http: 'DELETE /products/:id', in: ById }),
  addVariant: operation({
    summary: 'Add a variant',
    access: 'admin',
    http: 'POST /products/:id/variants',
    in: AddVariant,
    out: ProductDetail,
    status: 201,
    errors: TAKEN,
  }),
  editVariant: operation({
    summary: 'Change a variant',
    access: 'admin',
    http: 'PATCH /products/:id/variants/:variantId',
    in: EditVariant,
    out: ProductDetail,
    errors: TAKEN,
  }),
  removeVariant: operation({
    summary: 'Withdraw a variant',
    access: 'admin',
    http: 'DELETE /products/:id/variants/:variantId',
    in: VariantRef,
  }),
};
