import { type ComponentType, lazy, Suspense } from 'react';
import { Loading } from './notices.tsx';

/** A page whose code is fetched when it is opened, as few visits need it. */
export function lazily(what: string, load: () => Promise<ComponentType>): ComponentType {
  const Page = lazy(async () => ({ default: await load() }));
  return () => (
    <Suspense fallback={<Loading what={what} />}>
      <Page />
    </Suspense>
  );
}
