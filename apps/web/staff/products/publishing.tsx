import { Link } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask } from '../../parts/api.ts';
import { codeOf } from '../../parts/failure.ts';
import { Refused } from '../../parts/notices.tsx';
import { SHOP } from '../base.ts';
import { neededWords } from './product-words.ts';

interface PublishingProps {
  readonly product: Schemas['StaffProductDetail'];
  readonly mayEdit: boolean;
  readonly changed: () => Promise<void>;
}

/** Whether customers see the product, and what it lacks before they may. */
export function Publishing({ product: { id, slug, published, missing }, mayEdit, changed }: PublishingProps) {
  const { busy, failure, run } = useAction();
  const turn = (): Promise<void> =>
    run(async () => {
      try {
        await ask(api.PATCH('/api/products/{id}', { params: { path: { id } }, body: { published: !published } }));
      } finally {
        // What a refusal names stands in the product too.
        await changed();
      }
    });
  const isIncomplete = codeOf(failure) === 'product.incomplete';
  return (
    <section className="panel" aria-label="Publishing">
      <p>
        <span className={published ? 'badge' : 'badge draft'}>{published ? 'Published' : 'Draft'}</span>
      </p>
      {published ? <p>Customers see it.</p> : <p>Only staff see it.</p>}
      {missing.length > 0 && <p data-testid="missing">{`To be sold it needs ${neededWords(missing)}.`}</p>}
      {!isIncomplete && <Refused failure={failure} />}
      <div className="buttons">
        {published && (
          <a className="button secondary" href={`${SHOP}p/${slug}`}>
            See it in the shop
          </a>
        )}
        {mayEdit && (
          <Link to={`/products/${id}/pictures`} className="button secondary">
            Its pictures
          </Link>
        )}
        {mayEdit && (
          <button type="button" className="button" disabled={busy} onClick={turn} data-testid="publish">
            {published ? 'Make it a draft' : 'Publish'}
          </button>
        )}
      </div>
    </section>
  );
}
