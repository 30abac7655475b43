export interface SeedCategory {
  readonly slug: string;
  readonly name: string;
  /** Null at the top of the tree. Parents come before their children. */
  readonly parentSlug: string | null;
  /** What the HSN codes of its products begin with: two or four digits. Null where products are only in the subcategories. */
  readonly hsnPrefix: string | null;
  /** Sizes from small to large that its products are made in; empty where products are only in the subcategories. */
  readonly sizes: readonly string[];
}

const LETTERS = ['XS', 'S', 'M', 'L', 'XL', 'XXL'];
const MENS_LETTERS = ['S', 'M', 'L', 'XL', 'XXL'];
const FREE = ['Free size'];
const AGES = ['2-3Y', '4-5Y', '6-7Y', '8-9Y', '10-11Y'];

const parent = (slug: string, name: string, parentSlug: string | null): SeedCategory => ({
  slug,
  name,
  parentSlug,
  hsnPrefix: null,
  sizes: [],
});
const leaf = (parentSlug: string, slug: string, name: string, hsnPrefix: string, sizes: readonly string[]): SeedCategory => ({
  slug,
  name,
  parentSlug,
  hsnPrefix,
  sizes,
});

/**
 * The category tree, parents first. HSN: 50 and 52 silk and cotton saree cloth, 61 knitted and 62 woven garments, 64 footwear, 4202 bags,
 * 7117 imitation jewellery.
 */
export const categories: readonly SeedCategory[] = [
  parent('women', 'Women', null),
  parent('women-ethnic', 'Indian wear', 'women'),
  leaf('women-ethnic', 'kurtas', 'Kurtas', '6211', LETTERS),
  parent('sarees', 'Sarees', 'women-ethnic'),
  leaf('sarees', 'silk-sarees', 'Silk sarees', '5007', FREE),
  leaf('sarees', 'cotton-sarees', 'Cotton sarees', '5208', FREE),
  leaf('women-ethnic', 'lehengas', 'Lehengas', '6204', ['XS', 'S', 'M', 'L', 'XL']),
  leaf('women-ethnic', 'anarkalis', 'Anarkalis', '6211', LETTERS),
  leaf('women-ethnic', 'palazzos', 'Palazzos', '6204', LETTERS),
  leaf('women-ethnic', 'dupattas', 'Dupattas', '6214', FREE),
  parent('women-western', 'Western wear', 'women'),
  leaf('women-western', 'dresses', 'Dresses', '6204', LETTERS),
  leaf('women-western', 'tops', 'Tops', '6206', LETTERS),
  leaf('women-western', 'womens-jeans', 'Jeans', '6204', ['26', '28', '30', '32', '34', '36']),
  parent('women-accessories', 'Shoes and accessories', 'women'),
  leaf('women-accessories', 'juttis', 'Juttis', '64', ['UK 3', 'UK 4', 'UK 5', 'UK 6', 'UK 7', 'UK 8']),
  leaf('women-accessories', 'jewellery', 'Jewellery', '7117', ['Free size', '2.4', '2.6', '2.8']),
  leaf('women-accessories', 'bags', 'Bags', '4202', FREE),
  parent('men', 'Men', null),
  parent('men-ethnic', 'Indian wear', 'men'),
  leaf('men-ethnic', 'mens-kurtas', 'Kurtas', '6211', MENS_LETTERS),
  leaf('men-ethnic', 'sherwanis', 'Sherwanis', '6203', ['36', '38', '40', '42', '44', '46']),
  leaf('men-ethnic', 'nehru-jackets', 'Nehru jackets', '6211', ['36', '38', '40', '42', '44', '46']),
  parent('men-western', 'Western wear', 'men'),
  leaf('men-western', 'shirts', 'Shirts', '6205', MENS_LETTERS),
  leaf('men-western', 't-shirts', 'T-shirts', '6109', MENS_LETTERS),
  leaf('men-western', 'mens-jeans', 'Jeans', '6203', ['28', '30', '32', '34', '36', '38']),
  leaf('men', 'kolhapuris', 'Kolhapuris', '6403', ['UK 6', 'UK 7', 'UK 8', 'UK 9', 'UK 10', 'UK 11']),
  parent('kids', 'Kids', null),
  leaf('kids', 'kids-kurta-sets', 'Kurta sets', '6211', AGES),
  leaf('kids', 'kids-lehengas', 'Lehenga cholis', '6204', AGES),
  leaf('kids', 'frocks', 'Frocks', '6204', AGES),
  leaf('kids', 'kids-t-shirts', 'T-shirts', '6109', AGES),
];
