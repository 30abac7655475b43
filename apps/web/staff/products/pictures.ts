import type { Schemas } from '#libs/client/client';
import type { paths } from '#libs/client/schema';

type Product = Schemas['StaffProductDetail'];
type Change = NonNullable<paths['/api/products/{id}']['patch']['requestBody']>['content']['application/json'];

/** A picture as the form has it. */
export interface ProductPicture {
  /** Of one that was stored just now. */
  readonly fileId?: string;
  readonly url: string;
  readonly alt: string;
  /** Empty where it shows no colour or several. */
  readonly color: string;
}

export const picturesOf = ({ images }: Pick<Product, 'images'>): readonly ProductPicture[] =>
  images.map(({ url, alt, color = '' }) => ({ url, alt, color }));

/** The picture one place further up or down. */
export function swapped<T>(all: readonly T[], index: number, step: -1 | 1): readonly T[] {
  const next = [...all];
  const [one, other] = [all[index], all[index + step]];
  if (one === undefined || other === undefined) return all;
  next[index] = other;
  next[index + step] = one;
  return next;
}

export const bodyOf = (pictures: readonly ProductPicture[]): NonNullable<Change['images']> =>
  pictures.map(({ fileId, url, alt, color }) => ({
    ...(fileId === undefined ? { url } : { fileId }),
    alt: alt.trim(),
    ...(color !== '' && { color }),
  }));
