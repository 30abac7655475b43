import { useEffect, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, queries } from '../parts/api.ts';
import { type Failure, failureIn } from '../parts/failure.ts';
import { lazily } from '../parts/lazily.tsx';
import { Loading, PageFailed, Refused } from '../parts/notices.tsx';
import { isAdmin, session } from '../parts/session.ts';
import { BASE, TO_THE_SHOP } from './base.ts';
import { cart } from './cart.ts';
import { Heart } from './heart.tsx';
import { Price } from './price.tsx';
import { ProductRow } from './product-card.tsx';

const Reviews = lazily('the reviews', async () => (await import('./reviews.tsx')).Reviews);

type Product = Schemas['ProductDetail'];
type Variant = Schemas['Variant'];

/** The catalogue is away, the rest of the page is there. */
const AWAY: Failure = { kind: 'down', retryAfter: undefined };

export function ProductPage({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery('get', '/api/products/{id}/page', { params: { path: { id } } });
  const read = (): void => void refetch();
  const productId = data?.product?.id;
  useEffect(() => {
    // Whoever looks, counts; nobody waits for it.
    if (productId !== undefined) api.POST('/api/products/{id}/view', { params: { path: { id: productId } } }).catch(() => undefined);
  }, [productId]);
  if (data?.product) return <ProductView product={data.product} related={data.related?.items ?? []} refresh={read} />;
  const failure = data === undefined ? failureIn(error) : AWAY;
  return failure === undefined ? (
    <Loading what="the product" />
  ) : (
    <PageFailed failure={failure} retry={read} what="product" way={TO_THE_SHOP} />
  );
}

const isThere = ({ availability }: Variant): boolean => availability !== 'out_of_stock';

interface ProductViewProps {
  readonly product: Product;
  readonly related: readonly Schemas['Product'][];
  readonly refresh: () => void;
}

function ProductView({ product, related, refresh }: ProductViewProps) {
  const { variants, options } = product;
  const user = session.use()?.user;
  const [query] = useSearchParams();
  // What the card showed that led here; else what the cards show.
  const named =
    variants.find(({ color }) => color === query.get('color')) ??
    variants.find(({ id }) => id === (query.get('variant') ?? product.variantId)) ??
    variants[0];
  const [colour, setColour] = useState(named?.color);
  const [size, setSize] = useState(options.sizes.length === 1 ? options.sizes[0] : undefined);
  const ofColour = variants.filter(({ color }) => color === colour);
  const chosen = ofColour.find((variant) => variant.size === size);
  const shown = chosen ?? (named?.color === colour ? named : undefined) ?? ofColour.find(isThere) ?? ofColour[0];
  const pictures = ofColour[0]?.images.length ? ofColour[0].images : product.images;
  return (
    <article className="product">
      <title>{`${product.name} – Only2U`}</title>
      <Gallery key={colour} pictures={pictures} />
      <div>
        <p className="crumbs">
          <Link to={`/?category=${product.category.slug}`}>{product.category.name}</Link>
        </p>
        <p className="brand">{product.brand}</p>
        <h1>{product.name}</h1>
        {product.rating.count > 0 && (
          <p>
            <a href="#reviews">{`★ ${product.rating.average.toFixed(1)} · ${product.rating.count} ${product.rating.count === 1 ? 'review' : 'reviews'}`}</a>
          </p>
        )}
        <p className="price-line">
          <Price price={shown?.price ?? product.price} mrp={shown?.mrp ?? product.mrp} />
          <small>inclusive of all taxes</small>
        </p>
        {options.colors.length > 0 && (
          <Choice
            name="Colour"
            chosen={colour}
            choose={setColour}
            values={options.colors.map((value) => {
              const same = variants.filter(({ color }) => color === value);
              return { value, picture: same[0]?.images[0]?.url, isGone: !same.some(isThere), isLow: false };
            })}
          />
        )}
        {options.sizes.length > 0 && (
          <Choice
            name="Size"
            chosen={size}
            choose={setSize}
            values={options.sizes.map((value) => {
              const variant = ofColour.find((one) => one.size === value);
              return { value, isGone: variant === undefined || !isThere(variant), isLow: variant?.availability === 'low_stock' };
            })}
          />
        )}
        <AddToCart product={product} chosen={chosen} refresh={refresh} />
        <Heart
          words
          wish={{
            productId: product.id,
            ...(chosen !== undefined && { variantId: chosen.id }),
            name: product.name,
            slug: product.slug,
            image: pictures[0]?.url ?? null,
          }}
        />
        <p>
          <Link to={`/chat/new?productId=${product.id}`}>Ask about this product</Link>
        </p>
        {user !== undefined && isAdmin(user) && (
          <p>
            <a href={`${BASE}/staff/products/${product.id}/pictures`}>Change the pictures</a>
          </p>
        )}
        <p className="story">{product.description}</p>
        <dl className="facts">
          {[...Object.entries(product.attributes), ['made in', product.countryOfOrigin ?? ''], ['HSN', product.hsn ?? '']].map(
            ([name, value]) => value && <Fact key={name} name={name ?? ''} value={value} />,
          )}
        </dl>
      </div>
      <Reviews productId={product.id} />
      {related.length > 0 && <ProductRow title="More like this" products={related} />}
    </article>
  );
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function Gallery({ pictures }: { pictures: Product['images'] }) {
  const [index, setIndex] = useState(0);
  const picture = pictures[index];
  return (
    <div className="gallery">
      <div className="picture">{picture !== undefined && <img src={picture.url} alt={picture.alt} width="600" height="800" />}</div>
      {pictures.length > 1 && (
        <ul className="thumbs">
          {pictures.map(({ url, alt }, at) => (
            <li key={url}>
              <button type="button" aria-pressed={at === index} aria-label={`Picture ${at + 1}: ${alt}`} onClick={() => setIndex(at)}>
                <img src={url} alt="" width="60" height="80" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly chosen: string | undefined;
  readonly choose: (value: string) => void;
  readonly values: readonly { value: string; picture?: string | undefined; isGone: boolean; isLow: boolean }[];
}

function Choice({ name, chosen, choose, values }: ChoiceProps) {
  const isLow = values.some((one) => one.value === chosen && one.isLow);
  return (
    <fieldset className="choice">
      <legend>
        <span>{name}</span>
        {chosen !== undefined && <strong>{` ${chosen}`}</strong>}
        {isLow && <em> Only a few left</em>}
      </legend>
      {values.map(({ value, picture, isGone }) => (
        <label key={value} className={isGone ? 'gone' : ''} title={isGone ? `${value}: out of stock` : value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === chosen}
            disabled={isGone && picture === undefined}
            onChange={() => choose(value)}
          />
          {picture === undefined ? <span>{value}</span> : <img src={picture} alt={value} width="45" height="60" />}
          {isGone && <span className="unseen">, out of stock</span>}
        </label>
      ))}
    </fieldset>
  );
}

function AddToCart({ product, chosen, refresh }: { product: Product; chosen: Variant | undefined; refresh: () => void }) {
  const { busy, failure, run } = useAction();
  const [, navigate] = useLocation();
  const isGuest = session.use() === undefined;
  const [remark, setRemark] = useState<{ for: string | undefined; text: string }>();
  if (!product.variants.some(isThere)) {
    return (
      <div className="buy">
        <p className="mark">Out of stock</p>
        <button type="button" className="plain" onClick={refresh}>
          Look again
        </button>
      </div>
    );
  }
  const add = async (): Promise<void> => {
    if (chosen === undefined || !isThere(chosen))
      return setRemark({ for: chosen?.id, text: 'Please choose a size that is in stock first.' });
    setRemark(undefined);
    await cart.add(chosen.id);
    setRemark({ for: chosen.id, text: `Added: size ${chosen.size}, ${chosen.color}.` });
  };
  const text = remark?.for === chosen?.id ? remark?.text : undefined;
  return (
    <div className="buy">
      <button type="button" className="button large" data-testid="add-to-cart" disabled={busy} onClick={() => run(add)}>
        {busy ? 'Adding …' : 'Add to cart'}
      </button>
      <p role="status">
        <span>{text === undefined ? '' : `${text} `}</span>
        {text?.startsWith('Added') && <Link to="/cart">View cart</Link>}
      </p>
      {isGuest && text?.startsWith('Added') && (
        <p className="quiet">
          <span>Your cart waits for you in this browser. </span>
          <button type="button" className="plain" onClick={() => navigate('/sign-in?next=/cart&new=yes')}>
            Create an account
          </button>
          <span> or </span>
          <Link to="/sign-in?next=/cart">sign in</Link>
          <span> to have it everywhere.</span>
        </p>
      )}
      <Refused failure={failure} />
    </div>
  );
}
