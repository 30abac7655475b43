import { type ComponentProps, type ComponentType, type LazyExoticComponent, lazy, Suspense } from 'react';
import { Loading } from './notices.tsx';

/** A page whose code is fetched when it is opened, as a first visit seldom needs it. */
export function lazily<P extends object>(what: string, load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Page = lazy(async () => ({ default: await load() }));
  return (props: ComponentProps<LazyExoticComponent<ComponentType<P>>>) => (
    <Suspense fallback={<Loading what={what} />}>
      <Page {...props} />
    </Suspense>
  );
}
