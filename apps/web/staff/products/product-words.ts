import type { Schemas } from '#libs/client/client';

const NEEDED = {
  mrp: 'a variant with its MRP',
  hsn: 'an HSN',
  countryOfOrigin: 'a country of origin',
  images: 'a picture',
} as const;

/** What a product lacks, as a sentence goes on: `an HSN and a picture`. */
export const neededWords = (missing: Schemas['StaffProduct']['missing']): string =>
  new Intl.ListFormat('en-IN').format(missing.map((name) => NEEDED[name]));

export const stockWords = ({ available, variantCount }: Pick<Schemas['StaffProduct'], 'available' | 'variantCount'>): string =>
  `${variantCount} ${variantCount === 1 ? 'variant' : 'variants'}, ${available} to sell`;

/** What refusals of the catalogue mean to an admin. */
export const CATALOGUE_WORDS: Readonly<Record<string, string>> = {
  'product.sku_taken': 'Another variant has this SKU.',
  'product.option_taken': 'There is a variant of this size and colour already.',
  'product.price_above_mrp': 'The price may not be above the MRP.',
  'product.below_reserved': 'Orders hold more than that, and no fewer can be left.',
  'product.category_cycle': 'A category cannot lie below itself.',
  'product.category_in_use': 'It has products, or categories below it. Move those first.',
  'product.slug_taken': 'Another category has this address.',
};
