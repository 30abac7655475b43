import { type FormEvent, memo, useState } from 'react';
import type { Message } from '#libs/client/chat-types';
import { useAction } from '../action.ts';
import { api, ask } from '../api.ts';
import { TextArea } from '../text-area.tsx';
import { Attachments } from './attachments.tsx';
import { ChatRefused } from './chat-notices.tsx';
import { useChatWords, useMoments } from './chat-words.ts';
import { MessageCard, type ProductLink } from './message-card.tsx';
import { MessageMenu } from './message-menu.tsx';
import type { ThreadRoom } from './thread-room.ts';
import type { Tick } from './thread-state.ts';

/** The same for all messages, as long as nobody comes or goes. */
export interface RowContext {
  readonly room: ThreadRoom;
  readonly me: string;
  readonly ProductLink: ProductLink;
  /** Staff deletes what it must in support threads. */
  readonly mayDeleteAll: boolean;
  readonly mayReport: boolean;
}

interface MessageRowProps {
  readonly message: Message;
  readonly context: RowContext;
  /** Who sent it; of a system message what it tells. */
  readonly sender: string;
  /** How far an own one has come. */
  readonly tick: Tick | undefined;
}

/** Drawn anew only when something of it has changed, as there are many of them. */
export const MessageRow = memo(({ message, context, sender, tick }: MessageRowProps) => {
  const words = useChatWords();
  const { timeOf } = useMoments();
  const [isEditing, setIsEditing] = useState(false);
  const { type, body, attachments = [], deletedAt, editedAt, createdAt } = message;
  if (type === 'system') {
    return (
      <li className="chat-system">
        <span>{sender}</span>
        {body !== '' && <q className="said">{body}</q>}
      </li>
    );
  }
  const isOwn = tick !== undefined;
  return (
    <li className={isOwn ? 'chat-row own' : 'chat-row'} data-testid="message">
      <div className="bubble">
        <span className={isOwn ? 'unseen' : 'sender'}>{isOwn ? words.you : sender}</span>
        {deletedAt !== undefined && <p className="quiet">{words.deleted}</p>}
        {deletedAt === undefined && (
          <>
            <Attachments messageId={message.id} files={attachments} />
            {(type === 'product' || type === 'order') && <MessageCard card={message.card} ProductLink={context.ProductLink} />}
            {isEditing && <Edit message={message} room={context.room} end={() => setIsEditing(false)} />}
            {!isEditing && body !== '' && (
              <p className="said" dir="auto">
                {body}
              </p>
            )}
          </>
        )}
        <span className="stamp">
          {editedAt !== undefined && deletedAt === undefined && <span>{words.edited}</span>}
          <time dateTime={createdAt}>{timeOf(createdAt)}</time>
          {tick !== undefined && deletedAt === undefined && <Ticks tick={tick} />}
        </span>
      </div>
      {deletedAt === undefined && !isEditing && <MessageMenu message={message} context={context} edit={() => setIsEditing(true)} />}
    </li>
  );
});

const SIGNS = { waiting: '◷', sent: '✓', delivered: '✓✓', read: '✓✓' } as const;

export function Ticks({ tick }: { tick: keyof typeof SIGNS }) {
  const words = useChatWords();
  return (
    <span className={`how-far ${tick}`} data-testid="tick" data-tick={tick} title={words[tick]}>
      <span aria-hidden="true">{SIGNS[tick]}</span>
      <span className="unseen">{words[tick]}</span>
    </span>
  );
}

function Edit({ message: { id, body }, room, end }: { message: Message; room: ThreadRoom; end: () => void }) {
  const words = useChatWords();
  const [text, setText] = useState(body);
  const { busy, failure, run } = useAction();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      if (text !== body) room.merge([await ask(api.PATCH('/api/chat/messages/{id}', { params: { path: { id } }, body: { body: text } }))]);
      end();
    });
  };
  return (
    <form onSubmit={save} aria-busy={busy}>
      <TextArea label={words.edit} value={text} change={setText} maxLength={4_000} rows={2} />
      <ChatRefused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy}>
          {words.save}
        </button>
        <button type="button" className="plain" onClick={end}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}
