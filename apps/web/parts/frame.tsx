import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { type AroundNavHandler, Router, useLocation } from 'wouter';
import { queryClient } from './api.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { session } from './session.ts';

interface FrameProps {
  /** Where these pages begin, such as `/demo`. */
  readonly base: string;
  readonly header: ReactNode;
  readonly footer: ReactNode;
  readonly children: ReactNode;
}

/** What all pages have around them, and what they are given: the kept answers, the router, an end to what breaks. */
export const Frame = ({ base, ...rest }: FrameProps) => (
  <ErrorBoundary home={`${base}/`}>
    <QueryClientProvider client={queryClient}>
      <Router base={base} aroundNav={toTheTop}>
        <Page home={`${base}/`} {...rest} />
      </Router>
    </QueryClientProvider>
  </ErrorBoundary>
);

/** A new page begins at its top; another query of the same page stays where it is. */
const toTheTop: AroundNavHandler = (navigate, to, options) => {
  const before = location.pathname;
  navigate(to, options);
  if (location.pathname !== before) scrollTo(0, 0);
};

function Page({ home, header, footer, children }: Omit<FrameProps, 'base'> & { home: string }) {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const userId = session.use()?.user.id;

  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // So that screen readers begin with the new page and not where the old one was left.
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      {header}
      <main id="main" ref={main} tabIndex={-1}>
        {/* What one customer was shown is not shown to the next, and a page that broke does not break the others. */}
        <ErrorBoundary key={`${userId} ${path}`} home={home}>
          {children}
        </ErrorBoundary>
      </main>
      {footer}
    </>
  );
}
