import { useLocation } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Loading, PageFailed, Refused, SureButton } from '../../parts/notices.tsx';
import { isAdmin, session } from '../../parts/session.ts';
import './products.css';
import { ProductForm } from './product-form.tsx';
import { Publishing } from './publishing.tsx';
import { StockGrid } from './stock-grid.tsx';
import { VariantsTable } from './variants-table.tsx';

/** A product as its editors see it. */
export function StaffProductPage({ id }: { id: string }) {
  const user = session.use()?.user;
  const { data: product, error, refetch } = queries.useQuery('get', '/api/products/admin/{id}', { params: { path: { id } } });
  const failure = product === undefined ? failureIn(error) : undefined;
  const changed = async (): Promise<void> => {
    await refetch();
  };
  if (failure !== undefined)
    return <PageFailed failure={failure} retry={refetch} what="product" way={{ to: '/products', words: 'To the products' }} />;
  if (product === undefined) return <Loading what="the product" />;
  const mayEdit = user !== undefined && isAdmin(user);
  return (
    <>
      <title>{`${product.name} – Only2U staff`}</title>
      <div className="page-head">
        <h1>{product.name}</h1>
      </div>
      <Publishing product={product} mayEdit={mayEdit} changed={changed} />
      {mayEdit && <ProductForm key={JSON.stringify(product)} product={product} saved={changed} />}
      <VariantsTable product={product} mayEdit={mayEdit} changed={changed} />
      <StockGrid product={product} changed={changed} />
      {mayEdit && <Withdraw id={id} />}
    </>
  );
}

/** A form for a product that is not there yet: it begins as a draft. */
export function NewProductPage() {
  const [, navigate] = useLocation();
  return (
    <>
      <title>A new product – Only2U staff</title>
      <div className="page-head">
        <h1>A new product</h1>
        <p>It begins as a draft, which customers do not see.</p>
      </div>
      <ProductForm saved={async (id) => navigate(`/products/${id}`)} />
    </>
  );
}

function Withdraw({ id }: { id: string }) {
  const [, navigate] = useLocation();
  const { busy, failure, run } = useAction();
  const withdraw = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/products/{id}', { params: { path: { id } } }));
      navigate('/products');
    });
  return (
    <section className="panel" aria-label="Withdraw">
      <p>What is withdrawn is gone for good. A draft can be published again.</p>
      <Refused failure={failure} />
      <SureButton sure="Yes, withdraw it" busy={busy} press={withdraw}>
        Withdraw the product
      </SureButton>
    </section>
  );
}
