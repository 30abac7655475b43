import { useAction } from '../../parts/action.ts';
import { api, ask, queries } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { useChatWords } from '../../parts/chat/chat-words.ts';

/** Keeps the other from writing, and lets them again. */
export function BlockButton({ userId }: { userId: string | undefined }) {
  const words = useChatWords();
  const { data, refetch } = queries.useQuery('get', '/api/chat/blocks');
  const { busy, failure, run } = useAction();
  if (userId === undefined || data === undefined) return null;
  const isBlocked = data.items.some((one) => one.userId === userId);
  const turn = (): Promise<void> =>
    run(async () => {
      const params = { path: { userId } };
      await ask(isBlocked ? api.DELETE('/api/chat/blocks/{userId}', { params }) : api.POST('/api/chat/blocks/{userId}', { params }));
      await refetch();
    });
  return (
    <>
      {isBlocked && <span className="quiet">{words.blockedHint}</span>}
      <button type="button" className="plain" disabled={busy} onClick={turn}>
        {isBlocked ? words.unblock : words.block}
      </button>
      <ChatRefused failure={failure} />
    </>
  );
}
