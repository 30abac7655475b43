import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { Heart } from './heart.tsx';
import { Price } from './price.tsx';

interface ProductCardProps {
  readonly product: Schemas['Product'];
  /** That is looked for, where it is one. */
  readonly colour?: string | null;
  /** Among those that are seen before anybody scrolls. */
  readonly isFirst?: boolean;
  readonly testId?: string;
}

/** A product in a list, with its heart. */
export function ProductTile(props: ProductCardProps) {
  const { id, name, slug, images } = props.product;
  return (
    <li className="tile">
      <ProductCard {...props} />
      <Heart wish={{ productId: id, name, slug, image: images[0]?.url ?? null }} />
    </li>
  );
}

/** Products beside others, which are pushed aside to see the rest. */
export const ProductRow = ({ title, products }: { title: string; products: readonly Schemas['Product'][] }) => (
  <section className="shelf">
    <h2>{title}</h2>
    <ul className="shelf-list">
      {products.map((product) => (
        <li key={product.id}>
          <ProductCard product={product} testId="shelf-card" />
        </li>
      ))}
    </ul>
  </section>
);

function ProductCard({ product, colour = null, isFirst = false, testId = 'product-card' }: ProductCardProps) {
  const { slug, name, brand, images, price, mrp, priceVaries, variantId, inStock } = product;
  // The catalogue's descriptions begin with the colour; who filters by one wants to see that one.
  const front = images.find(({ alt }) => colour !== null && alt.startsWith(colour)) ?? images[0];
  // The page opens on what the card shows.
  const shown = colour !== null ? `?${new URLSearchParams({ color: colour })}` : variantId !== null ? `?variant=${variantId}` : '';
  // Names begin with the brand, which stands above them already.
  const shortName = name.startsWith(`${brand} `) ? name.slice(brand.length + 1) : name;
  return (
    <Link to={`/p/${slug}${shown}`} className={inStock ? 'card' : 'card gone'} data-testid={testId}>
      <span className="picture">
        {front !== undefined && (
          <img
            src={front.url}
            alt=""
            loading={isFirst ? 'eager' : 'lazy'}
            fetchPriority={isFirst ? 'high' : 'auto'}
            width="600"
            height="800"
          />
        )}
        {!inStock && <span className="mark">Out of stock</span>}
      </span>
      <span className="brand">{brand}</span>
      <span className="name">{shortName}</span>
      <Price price={price} mrp={mrp} isLowest={priceVaries} />
    </Link>
  );
}
