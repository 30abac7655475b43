import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'wouter';
import type { Thread } from '#libs/client/chat-types';
import { CardPicker } from '../../parts/chat/card-picker.tsx';
import { Composer } from '../../parts/chat/composer.tsx';
import { Conversation, type Opened } from '../../parts/chat/conversation.tsx';
import { session } from '../../parts/session.ts';
import { SHOP } from '../base.ts';
import { CannedAnswers } from './canned-answers.tsx';
import { customerOf } from './inbox.ts';
import { ClaimButton, ThreadMoves } from './thread-moves.tsx';
import { ThreadSide } from './thread-side.tsx';

const StaffProduct = ({ slug, children }: { slug: string; children: ReactNode }) => (
  <a href={`${SHOP}p/${slug}`} className="product-of-chat">
    {children}
  </a>
);

const titleOf = (thread: Thread): string => thread.subject ?? customerOf(thread)?.name ?? 'Chat';
const isIn = ({ participants }: Thread): boolean => participants.some(({ userId }) => userId === session.get()?.user.id);

/** A customer's chat, with what is known of them beside it. */
export function StaffConversation({ threadId, back }: { threadId: string; back: string }) {
  const [side, setSide] = useState<Opened>();
  return (
    <>
      <div>
        <Conversation
          threadId={threadId}
          isStaff
          ProductLink={StaffProduct}
          title={titleOf}
          header={(opened) => <Head {...opened} back={back} show={setSide} />}
          footer={(opened) => <Answer {...opened} />}
        />
      </div>
      {side?.thread.kind === 'support' && <ThreadSide thread={side.thread} room={side.room} />}
    </>
  );
}

interface HeadProps extends Opened {
  readonly back: string;
  readonly show: (opened: Opened) => void;
}

function Head({ back, show, ...opened }: HeadProps) {
  const { thread, room, socket, isLive } = opened;
  const isWatching = !isIn(thread);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is beside shows the same thread.
  useEffect(() => show(opened), [thread, room]);
  useEffect(() => {
    if (socket === undefined || !isLive || !isWatching) return undefined;
    const watch = (isWanted: boolean): void => void socket.ask('watch', { threadId: thread.id, watch: isWanted }).catch(() => undefined);
    watch(true);
    return () => watch(false);
  }, [socket, isLive, isWatching, thread.id]);
  return (
    <header>
      <p className="to-the-list">
        <Link to={back}>All chats</Link>
      </p>
      <div className="chat-head">
        <h1>{titleOf(thread)}</h1>
        {thread.kind === 'support' && <ThreadMoves thread={thread} room={room} />}
      </div>
      {isWatching && (
        <p className="quiet" data-testid="watching">
          You are watching. The customer does not see you.
        </p>
      )}
    </header>
  );
}

function Answer({ thread, room, socket }: Opened) {
  const [proposal, setProposal] = useState<{ readonly text: string }>();
  if (!isIn(thread)) return <ClaimButton thread={thread} room={room} />;
  const customerId = customerOf(thread)?.userId;
  return (
    <Composer threadId={thread.id} socket={socket} {...(proposal && { proposal })}>
      <CannedAnswers threadId={thread.id} choose={(text) => setProposal({ text })} />
      {customerId !== undefined && <CardPicker thread={thread} ordersOf={customerId} />}
    </Composer>
  );
}
