import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { api, askOnce } from '../../parts/api.ts';
import { ChatLoading, ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { useChatWords } from '../../parts/chat/chat-words.ts';

/** Opens the chat with another customer, whose link was followed. */
export function FriendChat({ userId }: { userId: string }) {
  const words = useChatWords();
  const [, navigate] = useLocation();
  const { failure, run } = useAction();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each link.
  useEffect(() => {
    void run(async () => {
      const body = { kind: 'direct' as const, participantIds: [userId] };
      const { id } = await askOnce(`chat with ${userId}`, (header) => api.POST('/api/chat/threads', { params: { header }, body }));
      navigate(`/chat/${id}`, { replace: true });
    });
  }, [userId]);
  return (
    <div className="panel centred">
      <title>{`${words.chats} – Only2U`}</title>
      <h1>{words.chats}</h1>
      {failure === undefined ? <ChatLoading words={words.loadingMessages} /> : <ChatRefused failure={failure} />}
      <Link to="/chat">{words.backToChats}</Link>
    </div>
  );
}
