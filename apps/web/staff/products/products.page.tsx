import { type FormEvent, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { PAGED, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { fileAddress } from '../../parts/file-address.ts';
import { rupees } from '../../parts/money.ts';
import { Empty, Failed, Loading, ShowMore } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import { isAdmin, session } from '../../parts/session.ts';
import './products.css';
import { neededWords, stockWords } from './product-words.ts';

type StaffProduct = Schemas['StaffProduct'];

const STATES = [
  ['', 'All'],
  ['published', 'Published'],
  ['draft', 'Drafts'],
] as const;

/** The catalogue as staff find it. */
export function StaffProductsPage() {
  const [address] = useSearchParams();
  // Another address has another form.
  return <Products key={`${address}`} q={address.get('q') ?? ''} state={address.get('state') ?? ''} />;
}

interface Asked {
  readonly q: string;
  readonly state: string;
}

function Products({ q, state }: Asked) {
  const user = session.use()?.user;
  const isAdminHere = user !== undefined && isAdmin(user);
  const query = { limit: 20, ...(q !== '' && { q }), ...(state !== '' && { state: state as 'published' | 'draft' }) };
  const list = queries.useInfiniteQuery('get', '/api/products/admin', { params: { query } }, PAGED);
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <>
      <title>Products – Only2U staff</title>
      <div className="page-head">
        <h1>Products</h1>
        {isAdminHere && (
          <Link to="/products/new" className="button">
            A new product
          </Link>
        )}
      </div>
      {isAdminHere && <CatalogueLinks />}
      <SearchForm q={q} state={state} again={() => void list.refetch()} />
      {first !== undefined && (
        <p className="quiet" role="status" data-testid="total">
          {first.totalIsExact ? `${first.total} in this list` : `More than ${first.total} in this list`}
        </p>
      )}
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the products" />}
      {items?.length === 0 && <Empty title="No product fits" />}
      <ul className="staff-products" data-testid="products">
        {items?.map((product) => (
          <Row key={product.id} product={product} />
        ))}
      </ul>
      <ShowMore list={list} />
    </>
  );
}

const CatalogueLinks = () => (
  <nav className="catalogue-links" aria-label="Catalogue">
    <Link to="/products/import">Import and export</Link>
    <Link to="/products/prices">Many prices</Link>
    <Link to="/products/categories">Categories</Link>
    <Link to="/products/size-charts">Size charts</Link>
  </nav>
);

function SearchForm({ q, state, again }: Asked & { readonly again: () => void }) {
  const [, navigate] = useLocation();
  const [words, setWords] = useState(q);
  const [shown, setShown] = useState(state);
  const search = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = new URLSearchParams(Object.entries({ q: words.trim(), state: shown }).filter(([, value]) => value !== ''));
    // The same question again means to look again.
    if (words.trim() === q && shown === state) again();
    else navigate(wanted.size === 0 ? '/products' : `/products?${wanted}`);
  };
  return (
    <search>
      <form className="filter-row" onSubmit={search}>
        <Field label="Name, brand or SKU" value={words} change={setWords} required={false} maxLength={100} type="search" />
        <Select label="Show" value={shown} change={setShown} choices={STATES} />
        <button type="submit" className="button" data-testid="search-products">
          Search
        </button>
      </form>
    </search>
  );
}

const Row = ({ product }: { product: StaffProduct }) => (
  <li>
    <Link to={`/products/${product.id}`} className="panel">
      {product.image === null ? (
        <span className="no-picture" aria-hidden="true" />
      ) : (
        <img src={fileAddress(product.image)} alt="" loading="lazy" width="60" height="80" />
      )}
      <span className="words">
        <strong>{product.name}</strong>
        <span className="quiet">{product.brand}</span>
        <span className="pieces">
          <span className={product.published ? 'badge' : 'badge draft'}>{product.published ? 'Published' : 'Draft'}</span>
          {product.missing.length > 0 && <span className="quiet">{`Lacks ${neededWords(product.missing)}`}</span>}
          {product.variantCount > 0 && <span className="quiet">{`from ${rupees(product.price)}`}</span>}
          <span className="quiet">{stockWords(product)}</span>
        </span>
      </span>
    </Link>
  </li>
);
