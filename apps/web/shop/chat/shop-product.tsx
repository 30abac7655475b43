import type { ReactNode } from 'react';
import { Link } from 'wouter';

export const ShopProduct = ({ slug, children }: { slug: string; children: ReactNode }) => (
  <Link to={`/p/${slug}`} className="product-of-chat">
    {children}
  </Link>
);
