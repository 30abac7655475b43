import { type FormEvent, useEffect, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { api, askOnce, MINE, queries } from '../../parts/api.ts';
import { ChatRefused, LanguageSwitch } from '../../parts/chat/chat-notices.tsx';
import { outbox } from '../../parts/chat/chat-outbox.ts';
import { useChatWords } from '../../parts/chat/chat-words.ts';
import { newMessageId } from '../../parts/chat/message-id.ts';
import { Field } from '../../parts/field.tsx';
import { TextArea } from '../../parts/text-area.tsx';

const SUPPORT = { params: { ...MINE, query: { kind: 'support' as const, limit: 50 } } };
const MOST_IN_SUBJECT = 120;

/** Asks the shop something; an address with `orderId` or `productId` says what it is about. */
export function NewChat() {
  const words = useChatWords();
  const [address] = useSearchParams();
  const [, navigate] = useLocation();
  const [orderId, productId] = [address.get('orderId') ?? '', address.get('productId') ?? ''];
  const [typed, setTyped] = useState<string>();
  const [text, setText] = useState('');
  const { busy, failure, run } = useAction();
  const order = queries.useQuery('get', '/api/orders/{id}', { params: { path: { id: orderId } } }, { enabled: orderId !== '' });
  const product = queries.useQuery('get', '/api/products/{id}', { params: { path: { id: productId } } }, { enabled: productId !== '' });
  const open = queries.useQuery('get', '/api/chat/user/{userId}/threads', SUPPORT, { enabled: orderId !== '' });
  const going = orderId === '' ? undefined : open.data?.items.find((one) => one.orderId === orderId && one.status !== 'closed');
  useEffect(() => {
    // An order is spoken of in one place.
    if (going !== undefined) navigate(`/chat/${going.id}`, { replace: true });
  }, [going, navigate]);

  const proposed = order.data !== undefined ? words.aboutOrder(order.data.number) : product.data && words.aboutProduct(product.data.name);
  const subject = typed ?? (proposed ?? '').slice(0, MOST_IN_SUBJECT);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { kind: 'support' as const, subject, ...(orderId !== '' && { orderId }) };
    void run(async () => {
      const { id: threadId } = await askOnce(`chat ${JSON.stringify(body)}`, (header) =>
        api.POST('/api/chat/threads', { params: { header }, body }),
      );
      if (orderId !== '') outbox.add({ threadId, clientMessageId: newMessageId(), type: 'order', orderId });
      if (productId !== '') outbox.add({ threadId, clientMessageId: newMessageId(), type: 'product', productId });
      outbox.add({ threadId, clientMessageId: newMessageId(), type: 'text', body: text });
      navigate(`/chat/${threadId}`);
    });
  };
  return (
    <div className="account">
      <title>{`${words.askUs} – Only2U`}</title>
      <p className="crumbs back">
        <Link to="/chat">{words.backToChats}</Link>
      </p>
      <div className="page-head">
        <h1>{words.askUs}</h1>
        <LanguageSwitch />
      </div>
      <form className="panel chat-page" onSubmit={submit} aria-busy={busy}>
        <Field label={words.about} value={subject} change={setTyped} maxLength={MOST_IN_SUBJECT} autoComplete="off" />
        <TextArea label={words.firstMessage} value={text} change={setText} maxLength={4_000} rows={5} />
        <ChatRefused failure={failure} />
        <button type="submit" className="button" disabled={busy} data-testid="start-chat">
          {words.startChat}
        </button>
      </form>
    </div>
  );
}
