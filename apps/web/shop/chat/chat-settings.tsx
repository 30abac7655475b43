import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useTick } from '../../parts/action.ts';
import { api, ask, queries, queryClient } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { useChatWords } from '../../parts/chat/chat-words.ts';
import { session } from '../../parts/session.ts';
import { BASE } from '../base.ts';

const SETTINGS = ['readReceipts', 'deliveryReceipts', 'presence'] as const;

/** What others see of one, and the link by which they can write. */
export function ChatSettings() {
  const words = useChatWords();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="chat-extras" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>{words.settings}</summary>
      {isOpen && (
        <>
          <Receipts />
          <OwnLink />
        </>
      )}
    </details>
  );
}

function Receipts() {
  const { data } = queries.useQuery('get', '/api/chat/settings');
  return data === undefined ? null : SETTINGS.map((name) => <SettingTick key={name} name={name} kept={data} />);
}

type Settings = Schemas['ChatSettings'];

function SettingTick({ name, kept }: { name: (typeof SETTINGS)[number]; kept: Settings }) {
  const words = useChatWords();
  const { isOn, busy, failure, choose } = useTick(kept[name], async (wanted) => {
    const next = await ask(api.PUT('/api/chat/settings', { body: { ...kept, [name]: wanted } }));
    queryClient.setQueryData(queries.queryOptions('get', '/api/chat/settings').queryKey, next);
  });
  return (
    <>
      <label className="tick">
        <input type="checkbox" checked={isOn} disabled={busy} onChange={({ target }) => void choose(target.checked)} />
        <span>{words[name]}</span>
      </label>
      <ChatRefused failure={failure} />
    </>
  );
}

function OwnLink() {
  const words = useChatWords();
  const userId = session.use()?.user.id ?? '';
  const [isCopied, setIsCopied] = useState(false);
  const link = `${location.origin}${BASE}/chat/with/${userId}`;
  const copy = (): void => {
    // Pages over plain http have no clipboard; the link can be selected there.
    navigator.clipboard?.writeText(link).then(
      () => setIsCopied(true),
      () => undefined,
    );
  };
  return (
    <div className="field">
      <label htmlFor="own-chat-link">{words.friendLink}</label>
      <div className="share-link">
        <input id="own-chat-link" readOnly value={link} data-testid="own-chat-link" onFocus={({ target }) => target.select()} />
        <button type="button" className="plain" onClick={copy}>
          {words.copy}
        </button>
      </div>
      <small>{words.friendHint}</small>
      <p role="status">{isCopied ? words.copied : ''}</p>
    </div>
  );
}
