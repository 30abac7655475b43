import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Message } from '#libs/client/chat-types';
import { fileAddress } from '../file-address.ts';
import { rupees } from '../money.ts';
import { PAYMENT_WORDS, STATUS_WORDS } from '../order/order-words.ts';
import { useChatWords } from './chat-words.ts';

type Card = NonNullable<Message['card']>;
export type ProductLink = (product: { readonly slug: string; readonly children: ReactNode }) => ReactNode;

interface MessageCardProps {
  /** As it is now; null where it is gone, or cannot be asked for. */
  readonly card: Card | null | undefined;
  /** Shop and staff have their products at other addresses. */
  readonly ProductLink: ProductLink;
}

export function MessageCard({ card, ProductLink }: MessageCardProps) {
  const words = useChatWords();
  if (card?.orderId !== undefined) return <OrderCard card={card} orderId={card.orderId} />;
  if (card?.slug === undefined) return <p className="quiet">{words.gone}</p>;
  return (
    <ProductLink slug={card.slug}>
      <ProductCard card={card} />
    </ProductLink>
  );
}

function OrderCard({ card: { number = '', status, paymentStatus, total = 0 }, orderId }: { card: Card; orderId: string }) {
  const words = useChatWords();
  return (
    <Link to={`/orders/${orderId}`} className="chat-card" data-testid="order-card">
      <strong>{words.aboutOrder(number)}</strong>
      {status !== undefined && <span className={`badge ${status}`}>{STATUS_WORDS[status]}</span>}
      {paymentStatus !== undefined && <span className="quiet">{PAYMENT_WORDS[paymentStatus]}</span>}
      <span>{`${words.total} ${rupees(total)}`}</span>
    </Link>
  );
}

function ProductCard({ card: { name, image, price = 0, availability } }: { card: Card }) {
  const words = useChatWords();
  return (
    <span className="chat-card product" data-testid="product-card">
      {typeof image === 'string' && <img src={fileAddress(image)} alt="" width="64" height="80" />}
      <strong>{name}</strong>
      <span>{rupees(price)}</span>
      {availability !== undefined && <span className="quiet">{words.availability[availability]}</span>}
    </span>
  );
}
