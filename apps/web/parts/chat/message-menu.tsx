import { type FormEvent, useState } from 'react';
import type { Message } from '#libs/client/chat-types';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { SureButton } from '../notices.tsx';
import { Select } from '../select.tsx';
import { ChatRefused } from './chat-notices.tsx';
import { useChatWords } from './chat-words.ts';
import type { RowContext } from './message-row.tsx';

/** The usual time for it; the shop decides. */
const EDIT_MS = 900_000;
const DELETE_MS = 86_400_000;

interface MessageMenuProps {
  readonly message: Message;
  readonly context: RowContext;
  readonly edit: () => void;
}

/** What can be done with a message. */
export function MessageMenu({ message, context: { room, me, mayDeleteAll, mayReport }, edit }: MessageMenuProps) {
  const words = useChatWords();
  const [isReporting, setIsReporting] = useState(false);
  const { busy, failure, run } = useAction();
  const { id, senderId, createdAt, type } = message;
  const isOwn = senderId === me;
  const age = Date.now() - Date.parse(createdAt);
  const isEditable = isOwn && age < EDIT_MS && (type === 'text' || type === 'image');
  const isDeletable = isOwn ? age < DELETE_MS : mayDeleteAll;
  const isReportable = !isOwn && senderId !== null && mayReport;
  if (!isEditable && !isDeletable && !isReportable) return null;
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/chat/messages/{id}', { params: { path: { id } } }));
      // As the shop tells it in a moment.
      const { attachments: _, card: __, ...rest } = message;
      room.merge([{ ...rest, body: '', deletedAt: new Date().toISOString() }]);
    });
  return (
    <details className="message-menu">
      <summary aria-label={words.more} title={words.more}>
        <span aria-hidden="true">⋯</span>
      </summary>
      <div className="message-actions">
        {isEditable && (
          <button type="button" className="plain" onClick={edit}>
            {words.edit}
          </button>
        )}
        {isDeletable && (
          <SureButton sure={words.reallyDelete} busy={busy} press={remove}>
            {words.delete}
          </SureButton>
        )}
        {isReportable && !isReporting && (
          <button type="button" className="plain" onClick={() => setIsReporting(true)}>
            {words.report}
          </button>
        )}
        {isReporting && <Report id={id} />}
        <ChatRefused failure={failure} />
      </div>
    </details>
  );
}

type Reason = 'spam' | 'abuse' | 'fraud' | 'other';
const isReason = (value: string): value is Reason => ['spam', 'abuse', 'fraud', 'other'].includes(value);

function Report({ id }: { id: string }) {
  const words = useChatWords();
  const [reason, setReason] = useState<Reason>('spam');
  const [isTold, setIsTold] = useState(false);
  const { busy, failure, run } = useAction();
  const tell = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.POST('/api/chat/messages/{id}/report', { params: { path: { id } }, body: { reason } }));
      setIsTold(true);
    });
  };
  if (isTold) return <p role="status">{words.reported}</p>;
  return (
    <form onSubmit={tell}>
      <Select
        label={words.reportWhy}
        value={reason}
        change={(value) => isReason(value) && setReason(value)}
        choices={Object.entries(words.reasons)}
      />
      <ChatRefused failure={failure} />
      <button type="submit" className="button" disabled={busy}>
        {words.report}
      </button>
    </form>
  );
}
