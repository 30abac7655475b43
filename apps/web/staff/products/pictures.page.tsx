import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { fileAddress } from '../../parts/file-address.ts';
import { Loading, PageFailed, Refused } from '../../parts/notices.tsx';
import { PictureField } from '../../parts/picture-field.tsx';
import { Select } from '../../parts/select.tsx';
import { SHOP } from '../base.ts';
import './pictures.css';
import './products.css';
import { bodyOf, type ProductPicture, picturesOf, swapped } from './pictures.ts';

const TO_PRODUCTS = { to: '/products', words: 'To the products' } as const;
const MOST = 20;
const initOf = (id: string) => ({ params: { path: { id } } });

/** The pictures of a product, in the order in which the shop shows them. */
export function ProductPicturesPage({ id }: { id: string }) {
  const { data, error, refetch } = queries.useQuery('get', '/api/products/admin/{id}', initOf(id), { refetchOnWindowFocus: false });
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <PageFailed failure={failure} retry={() => void refetch()} what="product" way={TO_PRODUCTS} />;
  if (data === undefined) return <Loading what="the pictures" />;
  return <Pictures product={data} read={async () => (await refetch()).data} />;
}

interface PicturesProps {
  readonly product: Schemas['StaffProductDetail'];
  /** Reads the product anew. */
  readonly read: () => Promise<Schemas['StaffProductDetail'] | undefined>;
}

function Pictures({ product, read }: PicturesProps) {
  const [pictures, setPictures] = useState(picturesOf(product));
  const [remark, setRemark] = useState('');
  const colors = [...new Set(product.variants.map(({ color }) => color))];
  const { busy, failure, run } = useAction();
  const change = (next: readonly ProductPicture[]): void => {
    setPictures(next);
    setRemark('');
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      const params = { path: { id: product.id } };
      await ask(api.PATCH('/api/products/{id}', { params, body: { images: bodyOf(pictures) } }));
      setPictures(picturesOf((await read()) ?? product));
      setRemark('Saved.');
    });
  };
  return (
    <div className="account">
      <title>{`Pictures of ${product.name} – Only2U staff`}</title>
      <div className="page-head">
        <h1>{`Pictures of ${product.name}`}</h1>
        <span className="pieces">
          <Link to={`/products/${product.id}`}>To the product</Link>
          {product.published && <a href={`${SHOP}p/${product.slug}`}>See it in the shop</a>}
        </span>
      </div>
      <form className="panel" onSubmit={save} aria-busy={busy}>
        <PictureField
          label="Pictures"
          hint="The first one is on the cards of the catalogue."
          storing="Storing the pictures …"
          full={`There is room for ${MOST} pictures.`}
          purpose="product"
          most={MOST}
          count={pictures.length}
          add={(stored) => {
            setRemark('');
            // Meanwhile the others may have been changed.
            setPictures((before) => {
              const fresh = stored.filter(({ id }) => !before.some(({ fileId }) => fileId === id));
              return [...before, ...fresh.map(({ id, url }) => ({ fileId: id, url, alt: '', color: '' }))];
            });
          }}
        >
          <ol className="product-pictures" data-testid="product-pictures">
            {pictures.map((picture, index) => (
              <PictureRow
                key={picture.url}
                picture={picture}
                index={index}
                count={pictures.length}
                colors={colors}
                change={(next) => change(pictures.map((one) => (one.url === picture.url ? { ...one, ...next } : one)))}
                move={(step) => change(swapped(pictures, index, step))}
                remove={() => change(pictures.filter((one) => one.url !== picture.url))}
              />
            ))}
          </ol>
        </PictureField>
        <Refused failure={failure} />
        <p role="status">{remark}</p>
        <button type="submit" className="button" disabled={busy} data-testid="save-pictures">
          {busy ? 'Saving …' : 'Save'}
        </button>
      </form>
    </div>
  );
}

interface PictureRowProps {
  readonly picture: ProductPicture;
  readonly index: number;
  readonly count: number;
  readonly colors: readonly string[];
  readonly change: (next: Partial<ProductPicture>) => void;
  readonly move: (step: -1 | 1) => void;
  readonly remove: () => void;
}

function PictureRow({ picture: { url, alt, color }, index, count, colors, change, move, remove }: PictureRowProps) {
  const name = `picture ${index + 1}`;
  return (
    <li>
      <img src={fileAddress(url)} alt={alt === '' ? `Picture ${index + 1}` : alt} width="90" height="120" />
      <div>
        <Field
          label={`What ${name} shows`}
          hint="For those who cannot see it."
          value={alt}
          change={(value) => change({ alt: value })}
          maxLength={200}
        />
        {colors.length > 1 && (
          <Select
            label={`Colour of ${name}`}
            value={color}
            change={(value) => change({ color: value })}
            choices={[['', 'All colours'], ...colors.map((one): [string, string] => [one, one])]}
          />
        )}
        <div className="buttons">
          <button type="button" className="plain" disabled={index === 0} onClick={() => move(-1)} aria-label={`Move ${name} up`}>
            Up
          </button>
          <button type="button" className="plain" disabled={index === count - 1} onClick={() => move(1)} aria-label={`Move ${name} down`}>
            Down
          </button>
          <button type="button" className="plain" onClick={remove} aria-label={`Remove ${name}`}>
            Remove
          </button>
        </div>
      </div>
    </li>
  );
}
