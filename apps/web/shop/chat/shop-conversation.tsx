import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Thread } from '#libs/client/chat-types';
import { useAction } from '../../parts/action.ts';
import { api, ask } from '../../parts/api.ts';
import { CardPicker } from '../../parts/chat/card-picker.tsx';
import { usePresence } from '../../parts/chat/chat-line.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { useChatWords, useMoments } from '../../parts/chat/chat-words.ts';
import { Composer } from '../../parts/chat/composer.tsx';
import { Conversation, type Opened } from '../../parts/chat/conversation.tsx';
import { peerOf } from '../../parts/chat/thread-state.ts';
import { session } from '../../parts/session.ts';
import { BlockButton } from './block-button.tsx';
import { ShopProduct } from './shop-product.tsx';
import { readThreads, titleOf } from './threads.ts';

export function ShopConversation({ threadId }: { threadId: string }) {
  const words = useChatWords();
  return (
    <Conversation
      key={threadId}
      threadId={threadId}
      isStaff={false}
      ProductLink={ShopProduct}
      title={(thread) => titleOf(words, thread)}
      header={(opened) => <Head {...opened} />}
      footer={({ thread, socket }) => (
        <Composer threadId={threadId} socket={socket}>
          <CardPicker thread={thread} ordersOf="me" />
        </Composer>
      )}
    />
  );
}

function Head({ thread, room }: Opened) {
  const words = useChatWords();
  const { busy, failure, run } = useAction();
  const { id, kind, status, orderId, unreadCount } = thread;
  // The list beside it tells the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is read anew at each other number.
  useEffect(() => void readThreads(), [unreadCount]);
  const move = (): Promise<void> =>
    run(async () => {
      const params = { path: { threadId: id } };
      const moved = await ask(
        status === 'closed'
          ? api.POST('/api/chat/threads/{threadId}/reopen', { params })
          : api.POST('/api/chat/threads/{threadId}/close', { params, body: {} }),
      );
      room.keepThread(moved);
      await readThreads();
    });
  return (
    <header>
      <p className="to-the-list">
        <Link to="/chat">{words.backToChats}</Link>
      </p>
      <div className="chat-head">
        <div>
          <h1>{titleOf(words, thread)}</h1>
          {kind === 'direct' && <PeerState thread={thread} />}
        </div>
        <div className="buttons">
          {status !== undefined && (
            <span className={`badge ${status}`} data-testid="thread-status">
              {words.status[status]}
            </span>
          )}
          {orderId !== undefined && <Link to={`/orders/${orderId}`}>{words.theOrder}</Link>}
          {kind === 'support' && (
            <button type="button" className="plain" disabled={busy} onClick={move}>
              {status === 'closed' ? words.reopenChat : words.closeChat}
            </button>
          )}
          {kind === 'direct' && <BlockButton userId={peerOf(thread, session.get()?.user.id)?.userId} />}
        </div>
      </div>
      <ChatRefused failure={failure} />
    </header>
  );
}

function PeerState({ thread }: { thread: Thread }) {
  const words = useChatWords();
  const { momentOf } = useMoments();
  const presence = usePresence(peerOf(thread, session.get()?.user.id)?.userId);
  const [known, setKnown] = useState(presence);
  useEffect(() => setKnown(presence), [presence]);
  if (known === undefined) return null;
  const said = known.online ? words.online : known.lastSeen !== null && words.lastSeen(momentOf(known.lastSeen));
  return (
    <p className="quiet" data-testid="presence">
      {said}
    </p>
  );
}
