import { randomUUID } from 'node:crypto';
import type { NewProduct } from '#libs/contracts/product/admin';
import type { ProductDetail } from '#libs/contracts/product/views';

const CREATED_AT = '2026-01-05T06:30:00.000Z';
const CATEGORY = { name: 'Kurtas', slug: 'kurtas' };

/**
 * What both sides of the transport bench answer to a new product: the product as it was sent, with the fields that a service would add,
 * so that the answer is about as large as the request (4 KB) and the handler itself costs next to nothing.
 */
export function echoed(input: NewProduct): ProductDetail {
  const id = randomUUID();
  const [first] = input.variants;
  return {
    id,
    slug: 'bench-kurta',
    name: input.name,
    description: input.description,
    brand: input.brand,
    categoryId: input.categoryId,
    images: input.images.map(({ url = '', alt }) => ({ url, alt })),
    variantId: id,
    priceVaries: false,
    price: first?.price ?? 0,
    mrp: first?.mrp ?? 0,
    currency: 'INR',
    rating: { average: 0, count: 0 },
    inStock: true,
    attributes: input.attributes,
    hsn: input.hsn ?? null,
    countryOfOrigin: input.countryOfOrigin ?? null,
    createdAt: CREATED_AT,
    variants: input.variants.map((variant, index) => ({
      id,
      sku: `BENCH-${index}`,
      size: variant.size,
      color: variant.color,
      price: variant.price,
      mrp: variant.mrp,
      lowestPrice30Days: variant.price,
      availability: 'in_stock' as const,
      images: [],
    })),
    options: { sizes: ['M'], colors: ['Indigo'] },
    category: { id: input.categoryId, ...CATEGORY },
    published: true,
    sizeChart: null,
  };
}
